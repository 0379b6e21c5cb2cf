// Lines signs and verifies with the two Go libraries, one request a line: see ../README.md.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	jwtgo "github.com/dgrijalva/jwt-go"
	"github.com/golang-jwt/jwt/v5"
)

func privateKey(alg string, text []byte) (any, error) {
	switch alg[:2] {
	case "HS":
		return text, nil
	case "ES":
		return jwt.ParseECPrivateKeyFromPEM(text)
	case "Ed":
		return jwt.ParseEdPrivateKeyFromPEM(text)
	}
	return jwt.ParseRSAPrivateKeyFromPEM(text)
}

func publicKey(alg string, text []byte) (any, error) {
	switch alg[:2] {
	case "HS":
		return text, nil
	case "ES":
		return jwt.ParseECPublicKeyFromPEM(text)
	case "Ed":
		return jwt.ParseEdPublicKeyFromPEM(text)
	}
	return jwt.ParseRSAPublicKeyFromPEM(text)
}

func sign(library, alg string, key any, header, claims map[string]any) (string, error) {
	switch library {
	case "jwt-go":
		token := jwtgo.NewWithClaims(jwtgo.GetSigningMethod(alg), jwtgo.MapClaims(claims))
		for name, value := range header {
			token.Header[name] = value
		}
		return token.SignedString(key)
	case "golang-jwt":
		token := jwt.NewWithClaims(jwt.GetSigningMethod(alg), jwt.MapClaims(claims))
		for name, value := range header {
			token.Header[name] = value
		}
		return token.SignedString(key)
	}
	return "", errors.New("unknown library")
}

func verify(library, alg string, key any, token string) error {
	switch library {
	case "jwt-go":
		parser := jwtgo.Parser{ValidMethods: []string{alg}}
		_, err := parser.Parse(token, func(*jwtgo.Token) (any, error) { return key, nil })
		return err
	case "golang-jwt":
		own := func(*jwt.Token) (any, error) { return key, nil }
		_, err := jwt.Parse(token, own, jwt.WithValidMethods([]string{alg}))
		return err
	}
	return errors.New("unknown library")
}

// object reads numbers as they stand: 1795253548 must not become 1.795253548e+09.
func object(text string) (map[string]any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var members map[string]any
	return members, decoder.Decode(&members)
}

func signLine(library, alg, headerText, claimsText string, text []byte) (string, error) {
	key, err := privateKey(alg, text)
	if err != nil {
		return "", err
	}
	header, err := object(headerText)
	if err != nil {
		return "", err
	}
	claims, err := object(claimsText)
	if err != nil {
		return "", err
	}
	return sign(library, alg, key, header, claims)
}

func answer(fields []string) (string, error) {
	verb, library, alg := fields[0], fields[1], fields[2]
	text, err := os.ReadFile(fields[3])
	if err != nil {
		return "", err
	}
	if verb == "sign" {
		return signLine(library, alg, fields[4], fields[5], text)
	}
	key, err := publicKey(alg, text)
	if err != nil {
		return "", err
	}
	return "ok", verify(library, alg, key, fields[4])
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		said, err := answer(fields)
		if err != nil && fields[0] == "sign" {
			said = "error"
		} else if err != nil {
			said = "refused"
		}
		fmt.Println(said)
	}
}
