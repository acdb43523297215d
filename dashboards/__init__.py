"""The Streamlit application for IT teams and support desks: ``rpps-sync dashboard``.

app           the entry: who may look, the language, the pages
server        how Streamlit is started: loopback, no telemetry, colours
session       what one look at the application needs: settings, database, language
readings      everything the pages read, kept while nothing has changed
wording       sentences in two languages, shared with the reports
pieces        tables, figures and marks, written as the reports write them
coded         values of fields as people say them
charts, maps  what people would rather look at
*_shown       findings, lives and nights, which several pages show
acknowledging the one thing people may write

and a module for each page: morning, practitioner, quality, publications, freshness, tokens, operations. A page
asks ``readings`` and shows; it holds no SQL and decides nothing.
"""
