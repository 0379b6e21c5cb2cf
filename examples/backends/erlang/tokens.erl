%% The five systems' tokens, made with erlang-jose.
%%
%% jose_jwk:from_oct/1 takes the bytes of a secret as they are. (from_map with <<"k">> would want
%% them base64url-encoded, RFC 7518 section 6.4.)
%%
%% SPDX-License-Identifier: Apache-2.0
-module(tokens).
-export([config/0, make/4]).

-define(MINUTE, 60).
-define(HOUR, (60 * ?MINUTE)).
-define(DAY, (24 * ?HOUR)).

%% Everything secret, read once from the environment: what each system's function needs.
config() ->
    #{
        <<"alchemer">> => values(["ALCHEMER_SECRET"]),
        <<"kustomer">> => values(["KUSTOMER_SECRET"]),
        <<"moengage">> => values(["MOENGAGE_PRIVATE_KEY_FILE"]),
        <<"appcues">> => values(["APPCUES_ACCOUNT", "APPCUES_SECRET"]),
        <<"dotdigital">> =>
            values(["DOTDIGITAL_ISSUER", "DOTDIGITAL_AUDIENCE", "DOTDIGITAL_SECRET"])
    }.

values(Names) ->
    Found = [os:getenv(Name) || Name <- Names],
    case lists:member(false, Found) of
        true -> not_configured;
        false -> [unicode:characters_to_binary(Value) || Value <- Found]
    end.

make(<<"alchemer">>, Values, User, _Nonce) -> alchemer(Values, User);
make(<<"kustomer">>, Values, User, _Nonce) -> kustomer(Values, User);
make(<<"moengage">>, Values, User, _Nonce) -> moengage(Values, User);
make(<<"appcues">>, Values, User, _Nonce) -> appcues(Values, User);
make(<<"dotdigital">>, Values, User, Nonce) -> dotdigital(Values, User, Nonce).

%% HS512, sub and iat; exp is optional and at most 30 days after iat.
alchemer([Secret], User) ->
    Now = os:system_time(second),
    Claims = #{<<"sub">> => User, <<"iat">> => Now, <<"exp">> => Now + 3 * ?DAY},
    sign(#{<<"alg">> => <<"HS512">>}, Claims, jose_jwk:from_oct(Secret)).

%% HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes.
kustomer([Secret], User) ->
    Claims = #{<<"externalId">> => User, <<"iat">> => os:system_time(second)},
    sign(#{<<"alg">> => <<"HS256">>, <<"typ">> => <<"JWT">>}, Claims, jose_jwk:from_oct(Secret)).

%% RS256 with your own key pair; only the public key is in the dashboard.
moengage([File], User) ->
    Now = os:system_time(second),
    Claims = #{<<"sub">> => User, <<"iat">> => Now, <<"exp">> => Now + ?HOUR},
    sign(#{<<"alg">> => <<"RS256">>}, Claims, jose_jwk:from_pem_file(File)).

%% HS256; iss is the account, sub the user; nothing else is needed.
appcues([Account, Secret], User) ->
    Claims = #{
        <<"iss">> => Account,
        <<"sub">> => User,
        <<"exp">> => os:system_time(second) + 15 * ?MINUTE
    },
    sign(#{<<"alg">> => <<"HS256">>}, Claims, jose_jwk:from_oct(Secret)).

%% HS256; the nonce is the one the SDK got with its challenge.
dotdigital([Issuer, Audience, Secret], User, Nonce) ->
    Now = os:system_time(second),
    Claims = #{
        <<"nonce">> => Nonce,
        <<"sub">> => User,
        <<"aud">> => Audience,
        <<"iss">> => Issuer,
        <<"iat">> => Now,
        <<"exp">> => Now + 30 * ?DAY
    },
    sign(#{<<"alg">> => <<"HS256">>}, Claims, jose_jwk:from_oct(Secret)).

sign(Header, Claims, Key) ->
    {_, Token} = jose_jws:compact(jose_jwt:sign(Key, Header, Claims)),
    Token.
