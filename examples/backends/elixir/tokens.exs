# The five systems' tokens, made with the `jose` library, which Joken builds on too: with Joken the
# last step of each function is Joken.encode_and_sign(claims, Joken.Signer.create(alg, secret)).
#
# SPDX-License-Identifier: Apache-2.0
defmodule Tokens do
  @minute 60
  @hour 60 * @minute
  @day 24 * @hour

  # Everything secret, read once from the environment; a system lacking a value is not configured.
  def config(env) do
    %{
      "alchemer" => %{secret: env["ALCHEMER_SECRET"]},
      "kustomer" => %{secret: env["KUSTOMER_SECRET"]},
      "moengage" => %{private_key_file: env["MOENGAGE_PRIVATE_KEY_FILE"]},
      "appcues" => %{account: env["APPCUES_ACCOUNT"], secret: env["APPCUES_SECRET"]},
      "dotdigital" => %{
        issuer: env["DOTDIGITAL_ISSUER"],
        audience: env["DOTDIGITAL_AUDIENCE"],
        secret: env["DOTDIGITAL_SECRET"]
      }
    }
  end

  def make("alchemer", values, user, _nonce), do: alchemer(values, user)
  def make("kustomer", values, user, _nonce), do: kustomer(values, user)
  def make("moengage", values, user, _nonce), do: moengage(values, user)
  def make("appcues", values, user, _nonce), do: appcues(values.account, user, values.secret)
  def make("dotdigital", values, user, nonce), do: dotdigital(values, user, nonce)

  # HS512, sub and iat; exp is optional and at most 30 days after iat.
  def alchemer(%{secret: secret}, user) do
    now = System.os_time(:second)
    claims = %{"sub" => user, "iat" => now, "exp" => now + 3 * @day}
    sign(%{"alg" => "HS512"}, claims, :jose_jwk.from_oct(secret))
  end

  # HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes.
  def kustomer(%{secret: secret}, user) do
    claims = %{"externalId" => user, "iat" => System.os_time(:second)}
    sign(%{"alg" => "HS256", "typ" => "JWT"}, claims, :jose_jwk.from_oct(secret))
  end

  # RS256 with your own key pair; only the public key is in the dashboard.
  def moengage(%{private_key_file: file}, user) do
    now = System.os_time(:second)
    claims = %{"sub" => user, "iat" => now, "exp" => now + @hour}
    sign(%{"alg" => "RS256"}, claims, :jose_jwk.from_pem_file(file))
  end

  # HS256; iss is the account, sub the user; nothing else is needed.
  def appcues(account_id, user_id, sdk_secret) do
    claims = %{
      "iss" => account_id,
      "sub" => user_id,
      "exp" => System.os_time(:second) + 1 * @hour
    }

    sign(%{"alg" => "HS256"}, claims, :jose_jwk.from_oct(sdk_secret))
  end

  # HS256; the nonce is the one the SDK got with its challenge.
  def dotdigital(%{issuer: issuer, audience: audience, secret: secret}, user, nonce) do
    now = System.os_time(:second)

    claims = %{
      "nonce" => nonce,
      "sub" => user,
      "aud" => audience,
      "iss" => issuer,
      "iat" => now,
      "exp" => now + 30 * @day
    }

    sign(%{"alg" => "HS256"}, claims, :jose_jwk.from_oct(secret))
  end

  # from_oct takes the bytes of a secret as they are. jose adds `typ: JWT` itself.
  defp sign(header, claims, key) do
    {_, token} = :jose_jws.compact(:jose_jwt.sign(key, header, claims))
    token
  end
end
