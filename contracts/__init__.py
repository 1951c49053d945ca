"""What one part of Kith may know of another: events, commands, codes, refusals, Actor, Area."""
