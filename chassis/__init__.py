"""How any service of Kith runs: transaction, outbox, relay, inbox, RPC, clock, hosts."""
