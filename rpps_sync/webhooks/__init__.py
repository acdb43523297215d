"""What subscribers of the change feed are sent: by the Standard Webhooks convention, signed, to allowed addresses.

addresses.py   where messages may be sent, and where never
signing.py     the secret of each subscriber, and the signatures made with it
message.py     what is sent
posting.py     sending it once, within a time
"""
