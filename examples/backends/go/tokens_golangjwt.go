// The five systems' tokens, made with github.com/golang-jwt/jwt/v5.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// GolangJwt signs with golang-jwt/jwt/v5. A []byte secret is the key as it is.
type GolangJwt struct{}

// Alchemer: HS512, sub and iat; exp is optional and at most 30 days after iat.
func (GolangJwt) Alchemer(config *Config, user string) (string, error) {
	now := time.Now()
	claims := jwt.RegisteredClaims{
		Subject:   user,
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.AddDate(0, 0, 3)),
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS512, claims).SignedString(config.AlchemerSecret)
}

// Kustomer: HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes.
func (GolangJwt) Kustomer(config *Config, user string) (string, error) {
	claims := jwt.MapClaims{"externalId": user, "iat": time.Now().Unix()}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(config.KustomerSecret)
}

// Moengage: RS256 with your own key pair; only the public key is in the dashboard.
func (GolangJwt) Moengage(config *Config, user string) (string, error) {
	key, err := jwt.ParseRSAPrivateKeyFromPEM(config.MoengagePrivateKey)
	if err != nil {
		return "", err
	}
	now := time.Now()
	claims := jwt.RegisteredClaims{
		Subject:   user,
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour)),
	}
	return jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
}

// Appcues: HS256; iss is the account, sub the user; nothing else is needed.
func (GolangJwt) Appcues(config *Config, user string) (string, error) {
	claims := jwt.RegisteredClaims{
		Issuer:    config.AppcuesAccount,
		Subject:   user,
		ExpiresAt: jwt.NewNumericDate(time.Now().Add(15 * time.Minute)),
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(config.AppcuesSecret)
}

// Dotdigital: HS256; the nonce is the one the SDK got with its challenge.
func (GolangJwt) Dotdigital(config *Config, user, nonce string) (string, error) {
	now := time.Now()
	claims := jwt.MapClaims{
		"nonce": nonce,
		"sub":   user,
		"aud":   config.DotdigitalAudience,
		"iss":   config.DotdigitalIssuer,
		"iat":   now.Unix(),
		"exp":   now.AddDate(0, 0, 30).Unix(),
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(config.DotdigitalSecret)
}
