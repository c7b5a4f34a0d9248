# The connector `stomp`, which MCollective had until 2.2 and fleets still have: the same frames to the same destinations, in
# our words and for 2.12.5. Broadcasts go to a topic of the agent, direct requests to a queue named by the MD5 of the
# identity, and replies to one topic that all clients read.
require "digest"
require "stomp"

module MCollective
  module Connector
    class Stomp < Base
      def initialize
        @subscribed = []
      end

      def connect
        settings = Config.instance.pluginconf
        login, passcode, host, port = %w[user password host port].map { |name| settings["stomp.#{name}"] }
        @connection ||= ::Stomp::Connection.new(login, passcode, host, Integer(port || 6163), true)
      end

      def receive
        frame = @connection.receive
        Message.new(frame.body, frame, headers: frame.headers)
      end

      def publish(message)
        hosts = message.type == :direct_request ? message.discovered_hosts : [nil]
        hosts.each do |host|
          @connection.publish(destination(message.agent, message.type, message.collective, host), message.payload, {})
        end
      end

      def subscribe(agent, type, collective)
        name = destination(agent, type, collective, Config.instance.identity)
        return if @subscribed.include?(name)
        @connection.subscribe(name)
        @subscribed << name
      end

      def unsubscribe(agent, type, collective)
        name = destination(agent, type, collective, Config.instance.identity)
        @connection.unsubscribe(name) if @subscribed.delete(name)
      end

      def disconnect
        @connection.disconnect
      end

      private

      def destination(agent, type, collective, identity)
        case type
        when :broadcast, :request then "/topic/#{collective}.#{agent}.command"
        when :reply then "/topic/#{collective}.#{agent}.reply"
        when :directed, :direct_request then "/queue/#{collective}.#{Digest::MD5.hexdigest(identity)}"
        else raise "no destination for #{type}"
        end
      end
    end
  end
end
