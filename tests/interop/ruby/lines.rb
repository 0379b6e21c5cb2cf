# Signs and verifies with ruby-jwt, one request a line: see ../README.md.
#
# SPDX-License-Identifier: Apache-2.0
# frozen_string_literal: true

require 'json'
require 'jwt'

def key(alg, text)
  alg.start_with?('HS') ? text : OpenSSL::PKey.read(text)
end

def answer(verb, _library, alg, file, *rest)
  key = key(alg, File.read(file))
  return JWT.encode(JSON.parse(rest[1]), key, alg, JSON.parse(rest[0])) if verb == 'sign'

  JWT.decode(rest[0], key, true, algorithm: alg)
  'ok'
end

$stdout.sync = true
$stdin.each_line(chomp: true) do |line|
  fields = line.split("\t")
  puts answer(*fields)
rescue StandardError
  puts fields[0] == 'sign' ? 'error' : 'refused'
end
