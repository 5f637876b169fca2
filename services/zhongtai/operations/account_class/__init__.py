"""Classes of personal accounts (个人账户分类): what Ⅰ, Ⅱ and Ⅲ class accounts may pay, receive and hold."""
