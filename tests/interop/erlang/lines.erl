%% Signs and verifies with erlang-jose, one request a line: see ../README.md.
%%
%% SPDX-License-Identifier: Apache-2.0
-module(lines).
-export([main/0, answer/1]).

main() ->
    ok = io:setopts([binary, {encoding, latin1}]),
    loop().

loop() ->
    case io:get_line("") of
        eof ->
            halt();
        Line ->
            Fields = binary:split(string:chomp(Line), <<"\t">>, [global]),
            io:put_chars([answer(Fields), "\n"]),
            loop()
    end.

answer([Verb | _] = Fields) ->
    try
        do(Fields)
    catch
        _:_ when Verb =:= <<"sign">> -> <<"error">>;
        _:_ -> <<"refused">>
    end.

do([<<"sign">>, Library, Alg, File, Header, Claims]) ->
    Key = key(Library, Alg, File),
    Whole = maps:put(<<"alg">>, Alg, jose:decode(Header)),
    {_, Token} = jose_jws:compact(jose_jwt:sign(Key, Whole, jose:decode(Claims))),
    Token;
do([<<"verify">>, Library, Alg, File, Token]) ->
    {true, _, _} = jose_jwt:verify_strict(key(Library, Alg, File), [Alg], Token),
    <<"ok">>.

key(Library, <<"HS", _/binary>>, File) ->
    {ok, Text} = file:read_file(File),
    secret(Library, Text);
key(_, _, File) ->
    jose_jwk:from_pem_file(File).

%% The mistake: the secret's text given where a JWK wants it base64url-encoded.
secret(<<"jose:as-jwk">>, Text) -> jose_jwk:from_map(#{<<"kty">> => <<"oct">>, <<"k">> => Text});
secret(<<"jose">>, Text) -> jose_jwk:from_oct(Text).
