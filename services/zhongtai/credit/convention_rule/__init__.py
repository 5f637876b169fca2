"""Convention rules (服务约定校验). Always true: what they let pass can be serviced without a contradiction."""
