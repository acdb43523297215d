"""Finding people by what somebody remembers of their name, and by what they do and where (ADR 0006).

spelling   the words a name is found by
terms      everything one practitioner is found by
postings   who is found by a term: kept by each publication, read by each search
typos      the words one keystroke away from a word
filters    professions, skills and places as people write them
matching   how well a name answers a query, and why
finding    the search itself
answers    what is told of who was found
"""
