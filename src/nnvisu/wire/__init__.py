"""The wire: messages, their validation, and how bytes become messages."""
