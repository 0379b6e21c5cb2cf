# The five systems' tokens, made with ruby-jwt, which takes a secret's text as its UTF-8 bytes and
# leaves `typ` out unless it is asked for.
#
# SPDX-License-Identifier: Apache-2.0
# frozen_string_literal: true

require 'jwt'

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# HS512, sub and iat; exp is optional and at most 30 days after iat.
def alchemer_token(user, apptentive_provided_secret)
  payload = {
    iat: Time.now.to_i,
    exp: Time.now.to_i + 3 * DAY,
    sub: user
  }
  JWT.encode(payload, apptentive_provided_secret, 'HS512')
end

# HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes.
def kustomer_token(user, secret)
  JWT.encode({ externalId: user, iat: Time.now.to_i }, secret, 'HS256', { typ: 'JWT' })
end

# RS256 with your own key pair; only the public key is in the dashboard.
def moengage_token(user, private_key)
  now = Time.now.to_i
  JWT.encode({ sub: user, iat: now, exp: now + HOUR }, private_key, 'RS256', { typ: 'JWT' })
end

# HS256; iss is the account, sub the user; nothing else is needed.
def appcues_token(user_id, account_id, secret_key)
  claims = {
    iss: account_id,
    sub: user_id,
    exp: Time.now.to_i + 15 * MINUTE
  }
  JWT.encode(claims, secret_key, 'HS256')
end

# HS256; the nonce is the one the SDK got with its challenge.
def dotdigital_token(user, nonce, config)
  now = Time.now.to_i
  claims = {
    nonce: nonce,
    sub: user,
    aud: config[:audience],
    iss: config[:issuer],
    iat: now,
    exp: now + 30 * DAY
  }
  JWT.encode(claims, config[:secret], 'HS256', { typ: 'JWT' })
end
