module example.com/countersign/backend

go 1.21

require (
	github.com/dgrijalva/jwt-go v3.2.0+incompatible
	github.com/golang-jwt/jwt/v5 v5.3.1
)
