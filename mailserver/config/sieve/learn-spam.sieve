require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment"];
pipe :copy :try "learn" ["spam"];
