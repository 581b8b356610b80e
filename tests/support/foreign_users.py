"""Passwords as other systems keep them."""

import bcrypt

PASSWORD = "kirin-no-hana-7719"
BCRYPT = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
FIREBASE = {  # The published sample (https://github.com/firebase/scrypt): "user1password".
    "hash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+V"
    "HjoZilo78198JAdRuid5lQ==",
    "salt": "42xEC+ixf3L2lw==",
    "signer_key": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKb"
    "m0QsEmYUSDzZvpjeJ9WmXA==",
    "salt_separator": "Bw==",
    "rounds": 8,
    "mem_cost": 14,
}
