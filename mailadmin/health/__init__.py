"""How the server is: probes that answer in time, rules that judge what they saw. Without Django."""
