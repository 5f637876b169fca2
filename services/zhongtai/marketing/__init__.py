"""Marketing 营销: who the bank's customers are, and which products each of them may have now.

Owns: customers (identity, contact, consents, tags) and the matching of customers to products. The products
themselves belong to credit; marketing keeps its own copy of them from credit's events.

Nouns: `customer`, `offer`.

Promise: one identity number is one customer; a consent that was withdrawn or has run out serves no purpose from
that business date on; a product is refused to nobody without every reason, in English and Chinese. Names,
identity numbers and contacts stay in this service: no event carries them.

Glossary
    customer              客户            a person or an organisation the bank knows
    person                自然人          a customer who is a human being
    organisation          机构客户        a customer that is a company or another body
    identity number       证件号码        居民身份证, 统一社会信用代码 or LEI, checked by its check digit
    contact               联系方式        how to reach a customer
    consent               授权同意        the customer's word that their data may serve one purpose
    purpose               用途            what the data may be used for, `credit_bureau_query` 征信查询
    withdraw (a consent)  撤回同意        to take that word back, at once
    tag                   标签            what the bank sorts customers by
    offer                 产品适配        a product as it stands for one customer
    eligible              符合准入条件    nothing speaks against the offer
"""
