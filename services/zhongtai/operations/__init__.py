"""Operations 运营: the books of the bank, the accounts they move, the payments that move them, the people who decide.

Owns: the general ledger, customers' and internal accounts and deposits, payments inside the bank and over rails, what
other banks say of them, work orders, approvals, notifications. Loans and limits belong to credit; operations books what
credit's events say of them.

Its nouns
    ledger             entries posted to books: balances, reversals, corrections, one chain of hashes a book
    ledger_entry       how entries rest; pending_entry: what is held until it is posted, voided or lapses
    chart              the chart of accounts by version; dimension: by what a balance is broken down beside its account
    posting_rule       what is posted when something happens, as data; posting_text, posting_term, posting_value and
                       posting_flow are its writing, its words, its values and what it moves
    balance_history    balances of any booking or value date, as of any moment
    ledger_chain       a book's chain read again, page by page; ledger_seal: signed Merkle roots, the proofs they give,
                       and whether a proof holds
    ledger_proof       what must agree at the end of a day, and where it does not, down to the entry
    book_day           the business date of a book, from open to closed, and which date an entry belongs to
    book_period        months and years, and what a year carries forward
    account            money in one currency, with its holds; account_class: what classes Ⅰ, Ⅱ and Ⅲ may do
    account_freeze     what an authority or the bank forbids, in the order of service; account_stop: what keeps an
                       account from paying, each reason by its name
    dormancy           when an account was last used, and whether it sleeps
    account_fee        tariffs, free numbers, waivers; what is charged, owed and given back
    account_statement  what moved an account, page by page or as a document; deposit_certificate: a paper that verifies
    overdraft          how far, how long and at which rate below nothing; minimum_balance: what has to stay
    mandate            who may order from an account, alone or together; wallet: an account behind a proved number
    deposit_rate       what a code pays by tier; deposit_interest, deposit_accrual: earned by days, paid by the quarter
    term_deposit       money that stays for a term or until notice; interest_tax: what is withheld of savings interest
    payment            money between accounts, inside the bank or over a rail; payment_status: the codes of ISO 20022
    payment_order      what a customer asks to be paid, and the checks before any money moves
    payment_batch      payroll, collections and splits, told line by line; collection_agreement: what may be collected
    payment_screening  what risk is asked before money moves, what it said, and what people decided
    payment_return     given back in parts or in full, reversed, refunded
    payment_request    a creditor asks, a debtor accepts
    standing_order     the same payment again and again; escrow: money kept until a condition is met
    payment_limit      how often and how much in a day; fx_deal: rates locked, dealt over positions, revalued
    rail               what carries payments to other banks; rail_message: transfers other banks send us (pacs.008), and
                       what became of ours (pacs.002, pacs.004)
    iso_message        XML read and written; payment_initiation: pain.001 becomes payment orders
    bank_statement     what other banks say; matching_rule and reconciliation: their lines against our legs
    work_order         what a person must decide; work_queue, delegation, work_note, workload, opening_rule about it
    approval_policy    which commands others must approve; held_command: what waits until they have
    notification       one message to one recipient; notification_template, _rule, _consent, _contact, _inbox about it
    staff_message      what one of the staff or a role is told; webhook_endpoint: where partners hear events

Hears the events of credit that `ledger/posting_rules.json` names, which the ledger books by those rules, and
LoanAccountChanged, whose legs go by the roles of `ledger/loan_roles.json`; every event that `work_order/opened_by.json`
names, which opens or withdraws a work order; every event that a released notification rule names; its own PaymentSent
and AccountOpened, and WorkOrderDecided of the queues "screening" and "reconciliation"; risk's PaymentScreened; credit's
exposure breaks, for the proofs.

Its promise
    A balance changes by a ledger entry only, and by none that does not balance in each currency. An entry never
    changes: it is put right by another one. Whoever changes an entry, a leg, a kept balance or a seal in the database
    is found, and the place is named; the proof of an entry needs none of our code. A balance as of a moment stays as it
    was told. Entries are posted one by one, all or none in a batch, or by a stream, where each has the outcome it would
    have alone.
    A date goes forward only, one after the other; postings never stop for it; a closed period takes no entry. What
    other centres take of a date they take behind its close: nothing they do opens it.
    A payment and its entries change together. An order makes one payment at the most. What a rail has not answered is
    asked about, never guessed, never paid twice; its rail's own message settles or rejects it; a late contradiction
    moves nothing and is told. Each line of a batch
    has one outcome, returns with their charges never come to more than was paid, nobody collects without the payer's
    agreement. An order under a screening policy moves no money before its screening has passed; risk's silence releases
    nothing.
    A deposit earns by the days its balance stood by value date, whatever the order of booking. What an authority froze
    stays, in the order of service; lifting one stop lifts no other. No account stands lower than was agreed; one thing
    is charged once. No account falls dormant before its months and its notice are over, and it wakes only on proof that
    somebody answers for. Each day's interest is taxed at that day's rate.
    A line of a statement and a leg are part of one match at the most, and a line lands once in however many files.
    Whoever asked for a decision under four eyes never takes it, nor whom he acts for. Any command of any service may
    be put under a policy: it is kept whole, shown as a difference, carried out once, and stays held whatever becomes of
    its policy. No order is taken by two people.
    An event makes one message for each rule and recipient; nothing is sent while a store is held.

Glossary
    account               账户            what a customer or the bank itself keeps money on, in one currency
    account class         账户分类        Ⅰ, Ⅱ, Ⅲ: what a personal account may pay, receive and hold
    demand deposit        活期存款        money the bank owes a customer at any time
    term deposit          定期存款        money that stays for a term at the rate of its first day
    notice deposit        通知存款        money taken after notice of one or seven days
    product of days       积数            the sum of daily balances by value date
    interest tax          利息所得税      withheld of savings interest by the days it was earned on; 0 since 2008-10-09
    day of settlement     结息日          the 20th of a quarter's last month; booked on the 21st
    internal account      内部账户        the bank's own account: settlement, nostro, suspense
    hold                  止付            a part of a balance set aside until a moment
    freeze                冻结            debits are refused, credits still arrive (只收不付)
    stop                  止付事由        what keeps an account from paying: the bank, a court's freeze, dormancy
    dormant account       睡眠户、久悬户  not used for long: takes credits, pays nothing, wakes on proof
    waiting freeze        轮候冻结        a later freeze that covers what those before it leave
    deduction             扣划            money paid to an authority out of its freeze
    available balance     可用余额        the balance less the live holds and the floor
    overdraft             透支            how far below nothing an account may stand
    minimum balance       最低余额        what has to stay on an account
    mandate               账户授权        who may order, alone or together, up to which amount
    wallet                电子钱包        an account paid to by a phone number that was proved
    fee tariff, waiver    收费项目、减免  what an event costs; fees not asked for a time
    deposit certificate   存款证明        a paper whose number and code verify
    general ledger        总账            every entry, one chain a book
    book                  账簿            a chain of entries with dates of its own
    chart of accounts     会计科目表      the codes that entries are posted to
    control account       统驭科目        a code that is posted through the accounts beneath it
    entry                 记账凭证        two or more legs that balance
    entry stream          凭证流          many PostEntry requests over one call, each with an outcome of its own
    pending entry         待决凭证        holds what it would move until it is posted, in part or in full, or voided
    leg                   分录            one line: an account, a side, an amount
    debit, credit         借、贷          the two sides
    booking date          记账日期        the business day an entry belongs to
    value date            起息日          the day interest counts from
    back-dated            倒起息          booked on a day that is past
    late entry            补记            asked for on a date that was cut off
    cut-off               日切            from here on new entries belong to the next date
    close of the day      日终            what takes a date from cut-off to closed
    accounting period     会计期间        a month or a year
    carry forward         年终结转        income and expense go to 本年利润 (4103), and that to 利润分配 (4104)
    trial balance         试算平衡表      every code's balance; both columns come to the same
    balance history       余额历史        balances of any date as of any moment
    reversal              冲正            the mirror of an entry or a payment made in error
    hash chain            哈希链          each entry's hash covers the hash of the one before
    seal                  封签            a signed Merkle root over a book's entries
    inclusion proof       包含证明        the path from an entry's hash to a sealed root
    proof flaw            证明瑕疵        why a proof does not hold: another document, another signer, another tree
    consistency proof     一致性证明      that a book only grew between two seals
    ledger proof          账务核对        what must agree at the end of a day
    suspense              挂账            money whose owner is not known yet
    disbursement          放款            a loan paid out
    collection            扣款            a repayment taken from an account
    transfer              转账            money between two accounts of the bank
    payment order         支付指令        what a customer asks to be paid, before money moves
    payroll, collection   代发、代收      one account against many lines
    collection agreement  代收协议        what a payer lets a creditor collect
    split                 分账            one amount to many creditors by shares
    escrow                资金监管        money kept until a condition is met
    standing order        周期转账        the same payment on the same day of each period
    request to pay        请求支付        a creditor asks, the debtor accepts or refuses (pain.013, pain.014)
    outgoing, incoming    汇出、汇入      money over a rail to, from another bank
    rail                  支付渠道        what carries payments between banks: HVPS 大额, BEPS 小额, IBPS 网银互联
    correspondent, nostro 代理行、存放同业  who carries it abroad; our account there
    unknown outcome       结果未知        the rail has not said (PDNG); it is asked about
    return, refund        退汇、退款      given back over its rail (pacs.004); part of a transfer given back
    return charges        退汇手续费      what the bank that sends a payment back keeps of it (ChrgsInf)
    payment in transit    在途支付        paid by the debtor, not settled by its rail
    screening             风险筛查        risk holds both names and the text against watchlists before money moves
    held (screening)      命中待核        two people release it, one refuses it
    new payee             新收款方        no money was given out to its account before
    rate lock, position   锁定汇率、外汇头寸  a quoted rate for a while; what the bank is long of
    UETR                  唯一端到端交易标识  a UUID by which every bank knows a payment again
    end-to-end id         端到端标识      the initiating party's own reference (EndToEndId)
    payment status report 支付状态报告    what a rail says became of a payment (pacs.002)
    cover payment         头寸调拨        a transfer between banks that covers a customer's (pacs.009 COV)
    bank statement        银行对账单      what another bank says of our account with it (camt.053, CSV)
    reconciliation        对账            lines of statements against legs of the ledger
    difference, break     差异            what a match leaves over; what has found no match for too long
    work order, queue     工单、工作队列  what a person must decide; where it waits
    claim                 认领            to take a work order up
    escalation            升级            what happens to an order nobody decides in time
    delegation            授权代理        roles lent to another person for some days
    workload              工作量          how much waits, where, with whom, how old
    four eyes             双人复核        whoever asked does not decide
    maker, checker        经办、复核      who asks, who approves
    approval policy       复核规则        which commands of whom must be approved, from which amount, by how many
    held command          待复核指令      what waits until others approve it
    notification          通知            one message to one recipient, with every try to deliver it
    template, consent     通知模板、授权  texts by channel and language; what a customer lets the bank send
    inbox, staff message  站内信、员工消息  what a customer finds in the app; what the staff is told
    webhook endpoint      Webhook订阅     a partner's address, its events and its signing keys
    test message          测试消息        what a partner's endpoint is sent to see that it verifies
"""
