// Verifies one token again and again with golang-jwt and prints nanoseconds a verification.
//
//	bench-golang-jwt ALG TOKEN_FILE KEY_FILE
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func loadKey(alg string, text []byte) any {
	switch {
	case strings.HasPrefix(alg, "HS"):
		return text
	case strings.HasPrefix(alg, "ES"):
		return must(jwt.ParseECPublicKeyFromPEM(text))
	case alg == "EdDSA":
		return must(jwt.ParseEdPublicKeyFromPEM(text))
	default:
		return must(jwt.ParseRSAPublicKeyFromPEM(text))
	}
}

func main() {
	alg := os.Args[1]
	token := string(must(os.ReadFile(os.Args[2])))
	key := loadKey(alg, must(os.ReadFile(os.Args[3])))
	parser := jwt.NewParser(jwt.WithValidMethods([]string{alg}), jwt.WithIssuer("https://shop.example"),
		jwt.WithAudience("countersign"),
		jwt.WithTimeFunc(func() time.Time { return time.Unix(1795262400, 0) }))
	keyOf := func(*jwt.Token) (any, error) { return key, nil }
	start, count := time.Now(), int64(0)
	for time.Since(start) < 200*time.Millisecond {
		for i := 0; i < 16; i++ {
			claims := jwt.RegisteredClaims{}
			must(parser.ParseWithClaims(token, &claims, keyOf))
			if claims.Subject == "" {
				panic("no subject")
			}
			count++
		}
	}
	fmt.Println(time.Since(start).Nanoseconds() / count)
}
