# Signs and verifies with the `jose` library from Elixir, one request a line: see ../README.md.
#
# SPDX-License-Identifier: Apache-2.0
defmodule Lines do
  def answer([verb | _] = fields) do
    act(fields)
  catch
    _, _ -> if verb == "sign", do: "error", else: "refused"
  end

  defp act(["sign", library, alg, file, header, claims]) do
    whole = Map.put(:jose.decode(header), "alg", alg)
    signed = :jose_jwt.sign(key(library, alg, file), whole, :jose.decode(claims))
    {_, token} = :jose_jws.compact(signed)
    token
  end

  defp act(["verify", library, alg, file, token]) do
    {true, _, _} = :jose_jwt.verify_strict(key(library, alg, file), [alg], token)
    "ok"
  end

  # The mistake: the secret's text given where a JWK wants it base64url-encoded.
  defp key("jose:as-jwk", _, file),
    do: :jose_jwk.from_map(%{"kty" => "oct", "k" => File.read!(file)})

  defp key("jose", "HS" <> _, file), do: :jose_jwk.from_oct(File.read!(file))
  defp key("jose", _, file), do: :jose_jwk.from_pem_file(file)
end

IO.stream(:stdio, :line)
|> Enum.each(fn line ->
  line |> String.trim_trailing("\n") |> String.split("\t") |> Lines.answer() |> IO.puts()
end)
