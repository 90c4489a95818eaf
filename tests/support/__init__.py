"""What the cross-part tests share: the running system, Odoo over RPC, files, proofs."""
