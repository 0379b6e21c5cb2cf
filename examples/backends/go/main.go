// A token endpoint: GET /token?system=appcues&user=alice -> {"token":"…"}.
//
// Your backend has already logged the user in; this signs the short token that the SDK in your app
// presents. In your product the user comes from YOUR login session, never from the query string:
// whoever may choose `user` may be anyone. Here it is a parameter so that the example runs alone.
// Nothing secret is logged, and only this machine can connect.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
)

// Config is everything secret, read once from the environment.
type Config struct {
	AlchemerSecret     []byte
	KustomerSecret     []byte
	MoengagePrivateKey []byte // PEM
	AppcuesAccount     string
	AppcuesSecret      []byte
	DotdigitalIssuer   string
	DotdigitalAudience string
	DotdigitalSecret   []byte
}

// Tokens is what each library does: one small function for each system.
type Tokens interface {
	Alchemer(config *Config, user string) (string, error)
	Kustomer(config *Config, user string) (string, error)
	Moengage(config *Config, user string) (string, error)
	Appcues(config *Config, user string) (string, error)
	Dotdigital(config *Config, user, nonce string) (string, error)
}

var libraries = map[string]Tokens{"jwt-go": JwtGo{}, "golang-jwt": GolangJwt{}}

func readConfig() (*Config, error) {
	config := &Config{
		AlchemerSecret:     []byte(os.Getenv("ALCHEMER_SECRET")),
		KustomerSecret:     []byte(os.Getenv("KUSTOMER_SECRET")),
		AppcuesAccount:     os.Getenv("APPCUES_ACCOUNT"),
		AppcuesSecret:      []byte(os.Getenv("APPCUES_SECRET")),
		DotdigitalIssuer:   os.Getenv("DOTDIGITAL_ISSUER"),
		DotdigitalAudience: os.Getenv("DOTDIGITAL_AUDIENCE"),
		DotdigitalSecret:   []byte(os.Getenv("DOTDIGITAL_SECRET")),
	}
	if file := os.Getenv("MOENGAGE_PRIVATE_KEY_FILE"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		config.MoengagePrivateKey = pem
	}
	return config, nil
}

// key is the material a system's tokens are signed with; nil when it is unknown.
func (config *Config) key(system string) ([]byte, bool) {
	keys := map[string][]byte{
		"alchemer":   config.AlchemerSecret,
		"kustomer":   config.KustomerSecret,
		"moengage":   config.MoengagePrivateKey,
		"appcues":    config.AppcuesSecret,
		"dotdigital": config.DotdigitalSecret,
	}
	key, known := keys[system]
	return key, known
}

func sign(tokens Tokens, config *Config, system, user, nonce string) (string, error) {
	switch system {
	case "alchemer":
		return tokens.Alchemer(config, user)
	case "kustomer":
		return tokens.Kustomer(config, user)
	case "moengage":
		return tokens.Moengage(config, user)
	case "appcues":
		return tokens.Appcues(config, user)
	case "dotdigital":
		return tokens.Dotdigital(config, user, nonce)
	}
	return "", fmt.Errorf("unknown system")
}

func answer(config *Config, ask url.Values) (int, map[string]string) {
	system, user, library := ask.Get("system"), ask.Get("user"), ask.Get("library")
	key, known := config.key(system)
	if !known {
		return http.StatusNotFound, map[string]string{"error": "unknown_system"}
	}
	if library == "" {
		library = "golang-jwt"
	}
	tokens, known := libraries[library]
	if !known {
		return http.StatusNotFound, map[string]string{"error": "unknown_library"}
	}
	if user == "" {
		return http.StatusBadRequest, map[string]string{"error": "user_missing"}
	}
	if len(key) == 0 {
		return http.StatusInternalServerError, map[string]string{"error": "not_configured"}
	}
	token, err := sign(tokens, config, system, user, ask.Get("nonce"))
	if err != nil {
		return http.StatusInternalServerError, map[string]string{"error": "signing_failed"}
	}
	return http.StatusOK, map[string]string{"token": token}
}

func main() {
	config, err := readConfig()
	if err != nil {
		log.Fatal("the private key file cannot be read")
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8090"
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		status, body := answer(config, r.URL.Query())
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	})
	fmt.Printf("listening on http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
