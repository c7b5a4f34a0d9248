# MCollective 2.12.5 was written for Ruby 2: it passes the permitted classes of YAML.safe_load by position, which Psych 4
# (Ruby 3.1) takes by name only. Without this its facts are empty.
require "psych"

module Psych4Arguments
  def safe_load(yaml, *given, **named)
    names = %i[permitted_classes permitted_symbols aliases]
    super(yaml, **names.zip(given).to_h.compact, **named)
  end
end

Psych.singleton_class.prepend(Psych4Arguments)
