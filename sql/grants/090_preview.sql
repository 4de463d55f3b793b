-- Concern: dry runs: members, of what they may change themselves; each function is bound inside, and counts alone come out.
grant execute on function
  access.begin_preview(), access.preview_identity(uuid), access.preview_plan(), access.counted_as(uuid, text, jsonb),
  access.preview_count(jsonb, jsonb, boolean), access.preview_side(jsonb, boolean), access.preview_after(),
  access.preview_before(jsonb), access.preview_lines(jsonb, jsonb, jsonb),
  access.preview_reason(integer, boolean, jsonb, uuid, uuid[], jsonb), access.preview_through(uuid, uuid), access.preview_sample(text, jsonb),
  access.preview_samples_of(jsonb, jsonb, jsonb, jsonb, text, integer, uuid, boolean),
  access.preview_actions(), access.preview_type(text), access.preview_is_asset(text),
  access.preview_totals(jsonb), access.preview_changes(jsonb), access.preview_notes(jsonb), access.notes(){% for m in registry.modules %},
  access.preview_of_{{ m.name }}(jsonb), access.possible_{{ m.name }}(jsonb), access.preview_sample_{{ m.name }}(jsonb){% endfor %}
  to cloison_member;
