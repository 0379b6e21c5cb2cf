// The five systems' tokens, made with github.com/dgrijalva/jwt-go.
//
// That library is no longer maintained; github.com/golang-jwt/jwt is its successor. It stands here
// because many backends, and the systems' own documents, still use it.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"time"

	"github.com/dgrijalva/jwt-go"
)

// JwtGo signs with dgrijalva/jwt-go. A []byte secret is the key as it is.
type JwtGo struct{}

// Alchemer: HS512, sub and iat; exp is optional and at most 30 days after iat.
func (JwtGo) Alchemer(config *Config, user string) (string, error) {
	now := time.Now()
	claims := jwt.StandardClaims{
		Subject:   user,
		IssuedAt:  now.Unix(),
		ExpiresAt: now.AddDate(0, 0, 3).Unix(),
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS512, claims).SignedString(config.AlchemerSecret)
}

// Kustomer: HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes.
func (JwtGo) Kustomer(config *Config, user string) (string, error) {
	claims := jwt.MapClaims{"externalId": user, "iat": time.Now().Unix()}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(config.KustomerSecret)
}

// Moengage: RS256 with your own key pair; only the public key is in the dashboard.
func (JwtGo) Moengage(config *Config, user string) (string, error) {
	key, err := jwt.ParseRSAPrivateKeyFromPEM(config.MoengagePrivateKey)
	if err != nil {
		return "", err
	}
	now := time.Now()
	claims := jwt.StandardClaims{
		Subject:   user,
		IssuedAt:  now.Unix(),
		ExpiresAt: now.Add(time.Hour).Unix(),
	}
	return jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
}

// Appcues: HS256; iss is the account, sub the user; nothing else is needed.
func (JwtGo) Appcues(config *Config, user string) (string, error) {
	claims := jwt.StandardClaims{
		Issuer:    config.AppcuesAccount,
		Subject:   user,
		ExpiresAt: time.Now().Add(time.Minute * 15).Unix(),
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	return token.SignedString(config.AppcuesSecret)
}

// Dotdigital: HS256; the nonce is the one the SDK got with its challenge.
func (JwtGo) Dotdigital(config *Config, user, nonce string) (string, error) {
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
