"""The words of messages, by language; the pages of docs/runbook say the same at length."""

from __future__ import annotations

from collections.abc import Mapping

from rpps_sync.alerts.symptoms import Cause

DAY: Mapping[str, str] = {"fr": "j", "en": "d"}

LABELS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "opened": "incident",
        "reminder": "rappel",
        "closed": "fin d’incident",
        "test": "essai",
        "since": "Depuis",
        "until": "Terminé",
        "served": "Toujours servi",
        "mend": "À faire",
        "runbook": "Fiche",
        "more": "et {count} autres",
        "publication": "publication {id}, déposée le {at}, {practitioners} professionnels",
        "no-publication": "rien : aucune publication n’a encore été servie",
        "trial": "Ce message d’essai est arrivé : les alertes de rpps-sync parviennent ici",
        "nothing": "rien",
    },
    "en": {
        "opened": "incident",
        "reminder": "reminder",
        "closed": "incident over",
        "test": "test",
        "since": "Since",
        "until": "Over",
        "served": "Still served",
        "mend": "To do",
        "runbook": "Runbook",
        "more": "and {count} more",
        "publication": "publication {id}, deposited {at}, {practitioners} practitioners",
        "no-publication": "nothing: no publication was ever served",
        "trial": "This test message arrived: rpps-sync's alerts reach you here",
        "nothing": "nothing",
    },
}

TITLES: Mapping[str, Mapping[Cause, str]] = {
    "fr": {
        Cause.RUN: "Le passage de nuit échoue ou n’a pas lieu",
        Cause.GATE: "La nouvelle publication est refusée par les contrôles",
        Cause.PUBLICATION: "Aucune publication nouvelle et utilisable n’arrive",
        Cause.FEED: "Une autorité d’enregistrement ne transmet plus de changements",
        Cause.QUALITY: "La publication servie porte des erreurs de qualité",
        Cause.CLAIMS: "Les observations Pro Santé Connect n’arrivent plus",
        Cause.ARCHIVE: "L’archive ou la base est endommagée",
        Cause.SUBSCRIBERS: "Un abonné ne reçoit plus les changements de l’annuaire",
    },
    "en": {
        Cause.RUN: "The nightly run fails or does not take place",
        Cause.GATE: "The checks refuse the new publication",
        Cause.PUBLICATION: "No new, usable publication arrives",
        Cause.FEED: "A registration authority transmits no changes any more",
        Cause.QUALITY: "The publication being served has quality errors",
        Cause.CLAIMS: "Pro Santé Connect observations no longer arrive",
        Cause.ARCHIVE: "The archive or the database is damaged",
        Cause.SUBSCRIBERS: "A subscriber no longer receives the changes of the directory",
    },
}

MENDS: Mapping[str, Mapping[Cause, str]] = {
    "fr": {
        Cause.RUN: "lancer « rpps-sync doctor », réparer ce qu’il montre, puis « rpps-sync run »",
        Cause.GATE: "lire le rapport de la nuit ; attendre le dépôt suivant, ou « rpps-sync accept » si le "
        "changement est légitime",
        Cause.PUBLICATION: "lancer « rpps-sync doctor --online » : il dit si le réseau, data.gouv.fr ou l’ANS est "
        "en cause ; si la source est en retard, écrire à l’ANS",
        Cause.FEED: "« rpps-sync freshness » nomme l’autorité ; la prévenir, ainsi que l’ANS",
        Cause.QUALITY: "« rpps-sync checks list », puis corriger ou prendre acte avec « rpps-sync checks ack »",
        Cause.CLAIMS: "« rpps-sync claims stats » dit quelle application se tait ; voir avec son équipe",
        Cause.ARCHIVE: "« rpps-sync db check » nomme les fichiers ; les remettre depuis une copie",
        Cause.SUBSCRIBERS: "« rpps-sync webhooks list » dit pourquoi ; une fois le receveur réparé, « rpps-sync "
        "webhooks test », puis « enable » : rien n’est perdu",
    },
    "en": {
        Cause.RUN: "run 'rpps-sync doctor', mend what it shows, then 'rpps-sync run'",
        Cause.GATE: "read the report of the night; wait for the next deposit, or 'rpps-sync accept' if the change "
        "is right",
        Cause.PUBLICATION: "run 'rpps-sync doctor --online': it says whether the network, data.gouv.fr or the ANS "
        "is at fault; if the source is late, write to the ANS",
        Cause.FEED: "'rpps-sync freshness' names the authority; tell it, and the ANS",
        Cause.QUALITY: "'rpps-sync checks list', then have it corrected, or accept it with 'rpps-sync checks ack'",
        Cause.CLAIMS: "'rpps-sync claims stats' says which application is silent; ask its team",
        Cause.ARCHIVE: "'rpps-sync db check' names the files; put them back from a copy",
        Cause.SUBSCRIBERS: "'rpps-sync webhooks list' says why; once the receiver is mended, 'rpps-sync webhooks "
        "test', then 'enable': nothing is lost",
    },
}
