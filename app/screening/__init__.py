"""What is looked at before others see it: banned words, and links of accounts made just now."""
