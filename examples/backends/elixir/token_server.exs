# A token endpoint: GET /token?system=appcues&user=alice -> {"token":"…"}.   elixir token_server.exs
#
# Your backend has already logged the user in; this signs the short token that the SDK in your app
# presents. In your product the user comes from YOUR login session, never from the query string:
# whoever may choose `user` may be anyone. Here it is a parameter so that the example runs alone.
# Nothing secret is logged, and only this machine can connect.
#
# SPDX-License-Identifier: Apache-2.0
Code.require_file("tokens.exs", __DIR__)

defmodule TokenServer do
  @options [:binary, ip: {127, 0, 0, 1}, packet: :http_bin, active: false, reuseaddr: true]

  def main do
    port = String.to_integer(System.get_env("PORT", "8090"))
    config = Tokens.config(System.get_env())
    {:ok, listener} = :gen_tcp.listen(port, @options)
    {:ok, bound} = :inet.port(listener)
    IO.puts("listening on http://127.0.0.1:#{bound}")
    accept(listener, config)
  end

  defp accept(listener, config) do
    {:ok, socket} = :gen_tcp.accept(listener)
    # One process per connection, so that it fails alone.
    pid = spawn(fn -> receive do: (:go -> serve(socket, config)) end)
    :ok = :gen_tcp.controlling_process(socket, pid)
    send(pid, :go)
    accept(listener, config)
  end

  defp serve(socket, config) do
    {:ok, {:http_request, method, {:abs_path, target}, _}} = :gen_tcp.recv(socket, 0, 5000)
    :ok = skip_headers(socket)
    {status, body} = route(method, URI.parse(target), config)

    :gen_tcp.send(socket, [
      "HTTP/1.1 #{status}\r\n",
      "Content-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\n",
      "Content-Length: #{byte_size(body)}\r\n\r\n",
      body
    ])

    :gen_tcp.close(socket)
  end

  defp skip_headers(socket) do
    case :gen_tcp.recv(socket, 0, 5000) do
      {:ok, :http_eoh} -> :ok
      {:ok, {:http_header, _, _, _, _}} -> skip_headers(socket)
    end
  end

  defp route(:GET, %URI{path: "/token", query: query}, config) do
    ask = URI.decode_query(query || "")
    system = ask["system"]

    cond do
      not is_map_key(config, system) -> refuse("404 Not Found", "unknown_system")
      Map.get(ask, "library", "jose") != "jose" -> refuse("404 Not Found", "unknown_library")
      ask["user"] in [nil, ""] -> refuse("400 Bad Request", "user_missing")
      nil in Map.values(config[system]) -> refuse("500 Internal Server Error", "not_configured")
      true -> token(system, config[system], ask)
    end
  end

  defp route(_, _, _), do: refuse("404 Not Found", "not_found")

  defp token(system, values, ask) do
    {"200 OK", ~s({"token":"#{Tokens.make(system, values, ask["user"], ask["nonce"])}"})}
  rescue
    # What is caught may hold a key: say nothing of it.
    _ -> refuse("500 Internal Server Error", "signing_failed")
  end

  defp refuse(status, code), do: {status, ~s({"error":"#{code}"})}
end

TokenServer.main()
