"""The keeper of measurement: hears every event, keeps facts, and has every indicator's figure ready at any moment."""
