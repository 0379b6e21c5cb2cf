# A token endpoint: GET /token?system=appcues&user=alice -> {"token":"…"}.
#
# Your backend has already logged the user in; this signs the short token that the SDK in your app
# presents. In your product the user comes from YOUR login session, never from the query string:
# whoever may choose `user` may be anyone. Here it is a parameter so that the example runs alone.
# Nothing secret is logged, and only this machine can connect.
#
# SPDX-License-Identifier: Apache-2.0
# frozen_string_literal: true

require 'json'
require 'webrick'
require_relative 'tokens'

# Everything secret, read once from the environment; a system lacking a value is not configured.
def read_config(env)
  file = env['MOENGAGE_PRIVATE_KEY_FILE']
  {
    'alchemer' => { secret: env['ALCHEMER_SECRET'] },
    'kustomer' => { secret: env['KUSTOMER_SECRET'] },
    'moengage' => { private_key: file && OpenSSL::PKey::RSA.new(File.read(file)) },
    'appcues' => { account: env['APPCUES_ACCOUNT'], secret: env['APPCUES_SECRET'] },
    'dotdigital' => {
      issuer: env['DOTDIGITAL_ISSUER'],
      audience: env['DOTDIGITAL_AUDIENCE'],
      secret: env['DOTDIGITAL_SECRET']
    }
  }
end

def make_token(system, config, user, nonce)
  case system
  when 'alchemer' then alchemer_token(user, config[:secret])
  when 'kustomer' then kustomer_token(user, config[:secret])
  when 'moengage' then moengage_token(user, config[:private_key])
  when 'appcues' then appcues_token(user, config[:account], config[:secret])
  when 'dotdigital' then dotdigital_token(user, nonce, config)
  end
end

# -> [status, body]
def answer(config, ask)
  system = ask['system'].to_s
  user = ask['user'].to_s.dup.force_encoding('UTF-8')
  return [404, { error: 'unknown_system' }] unless config.key?(system)
  return [404, { error: 'unknown_library' }] unless ['', 'jwt'].include?(ask['library'].to_s)
  return [400, { error: 'user_missing' }] if user.empty?
  return [500, { error: 'not_configured' }] if config[system].value?(nil)

  [200, { token: make_token(system, config[system], user, ask['nonce'].to_s) }]
rescue StandardError
  [500, { error: 'signing_failed' }] # a library's message might quote a key: say nothing of it
end

config = read_config(ENV)
server = WEBrick::HTTPServer.new(
  BindAddress: '127.0.0.1', Port: Integer(ENV.fetch('PORT', '8090')),
  Logger: WEBrick::Log.new(File::NULL), AccessLog: []
)
server.mount_proc('/token') do |request, response|
  response.status, body = answer(config, request.query)
  response['Content-Type'] = 'application/json'
  response['Cache-Control'] = 'no-store'
  response.body = JSON.generate(body)
end
%w[INT TERM].each { |signal| trap(signal) { server.shutdown } }
puts "listening on http://127.0.0.1:#{server.listeners.first.addr[1]}"
$stdout.flush
server.start
