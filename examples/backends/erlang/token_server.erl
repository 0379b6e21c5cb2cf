%% A token endpoint: GET /token?system=appcues&user=alice -> {"token":"..."}.
%%
%% Your backend has already logged the user in; this signs the short token that the SDK in your app
%% presents. In your product the user comes from YOUR login session, never from the query string:
%% whoever may choose `user` may be anyone. Here it is a parameter so that the example runs alone.
%% Nothing secret is logged, and only this machine can connect.
%%
%% SPDX-License-Identifier: Apache-2.0
-module(token_server).
-export([main/0]).

main() ->
    Port = list_to_integer(os:getenv("PORT", "8090")),
    Config = tokens:config(),
    {ok, Listener} = gen_tcp:listen(Port, [
        binary, {ip, {127, 0, 0, 1}}, {packet, http_bin}, {active, false}, {reuseaddr, true}
    ]),
    {ok, Bound} = inet:port(Listener),
    io:format("listening on http://127.0.0.1:~b~n", [Bound]),
    accept(Listener, Config).

accept(Listener, Config) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    %% One process per connection, so that it fails alone.
    Pid = spawn(fun() -> receive go -> serve(Socket, Config) end end),
    ok = gen_tcp:controlling_process(Socket, Pid),
    Pid ! go,
    accept(Listener, Config).

serve(Socket, Config) ->
    {ok, {http_request, Method, {abs_path, Target}, _}} = gen_tcp:recv(Socket, 0, 5000),
    ok = skip_headers(Socket),
    {Status, Body} = route(Method, uri_string:parse(Target), Config),
    gen_tcp:send(Socket, [
        "HTTP/1.1 ", Status, "\r\n",
        "Content-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\n",
        "Content-Length: ", integer_to_list(iolist_size(Body)), "\r\n\r\n",
        Body
    ]),
    gen_tcp:close(Socket).

skip_headers(Socket) ->
    case gen_tcp:recv(Socket, 0, 5000) of
        {ok, http_eoh} -> ok;
        {ok, {http_header, _, _, _, _}} -> skip_headers(Socket)
    end.

route('GET', #{path := <<"/token">>, query := Query}, Config) ->
    Ask = maps:from_list(uri_string:dissect_query(Query)),
    System = maps:get(<<"system">>, Ask, <<>>),
    User = maps:get(<<"user">>, Ask, <<>>),
    Nonce = maps:get(<<"nonce">>, Ask, <<>>),
    Library = maps:get(<<"library">>, Ask, <<"jose">>),
    answer(System, Library, User, Nonce, Config);
route(_, _, _) ->
    refuse("404 Not Found", "not_found").

answer(_, Library, _, _, _) when Library =/= <<"jose">> ->
    refuse("404 Not Found", "unknown_library");
answer(System, _, User, Nonce, Config) ->
    case Config of
        #{System := _} when User =:= <<>> ->
            refuse("400 Bad Request", "user_missing");
        #{System := not_configured} ->
            refuse("500 Internal Server Error", "not_configured");
        #{System := Values} ->
            token(System, Values, User, Nonce);
        _ ->
            refuse("404 Not Found", "unknown_system")
    end.

token(System, Values, User, Nonce) ->
    try
        {"200 OK", ["{\"token\":\"", tokens:make(System, Values, User, Nonce), "\"}"]}
    catch
        %% What is caught may hold a key: say nothing of it.
        _:_ -> refuse("500 Internal Server Error", "signing_failed")
    end.

refuse(Status, Code) ->
    {Status, ["{\"error\":\"", Code, "\"}"]}.
