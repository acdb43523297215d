"""The Streamlit application for IT teams and support desks: ``rpps-sync dashboard``.

places        the pages and their scopes
app           the entry: who may look, the language, the pages
server        how Streamlit is started: loopback, no telemetry, colours
session       what one look at the application needs: settings, database, language
readings      everything the pages read, kept while nothing has changed
wording       sentences in two languages, shared with the reports
pieces        tables, figures and marks, written as the reports write them
coded         values of fields as people say them
look          languages, grounds and colours of charts
charts, calendars, maps   what people would rather look at
*_shown       findings, lives and nights, which several pages show
visitors      who looks, what they may see and do: scopes of a key, of a sign-in, or of this machine
sessions      how long somebody stays signed in
identity      what an identity provider says of somebody; Streamlit's login made from our settings
gate          the doors that are no page: a key taken, signing out
signing_in    what is seen before, and the way out
trouble       what is seen when a page fails
journal       who looked at what, for the log
way_back      to the page that was wanted before the sign-in
actions       what people may do, with the scope and a reason

and a module for each page: morning, practitioner, quality, publications, freshness, tokens, operations. A page
asks ``readings`` and shows; it holds no SQL and decides nothing.
"""
