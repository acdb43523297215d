"""The rules of normalisation as data: what each does, examples of both outcomes, where it comes from.

docs/normalisation.md is written from this list, and a test holds every example against the code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rpps_sync.comparison import coordinates
from rpps_sync.comparison.fields import same_given_name, same_name
from rpps_sync.comparison.places import keys_of, same_place
from rpps_sync.practitioner import Structure

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``same`` says whether two values as written are one for it."""

    subject: str  # the values it is about
    does: str
    equal: tuple[Pair, ...]
    different: tuple[Pair, ...]
    source: str
    same: Callable[[str, str], bool]


def _phones(left: str, right: str) -> bool:
    return coordinates.same_phone(coordinates.phone(left), coordinates.phone(right))


def _emails(left: str, right: str) -> bool:
    return coordinates.email(left) == coordinates.email(right)


def _street(text: str) -> str:
    """``number|repetition|type|name``, or a name alone."""
    cells = text.split("|")
    return coordinates.street(*(cells if len(cells) > 1 else ("", "", "", text)))


def _streets(left: str, right: str) -> bool:
    return coordinates.same_street(_street(left), _street(right))


def _postal_codes(left: str, right: str) -> bool:
    """``code|office``, or a code alone."""
    forms = [coordinates.postal_code(*(text.split("|") if "|" in text else (text, ""))) for text in (left, right)]
    return coordinates.same_postal_code(*forms)


def _structures(left: str, right: str) -> bool:
    """``technical|former|finess|siret``, trailing cells left out."""
    one, other = (
        Structure(**dict(zip(("technical_id", "former_id", "finess", "siret"), text.split("|"), strict=False)))
        for text in (left, right)
    )
    return same_place(keys_of(one), keys_of(other))


_SAMPLES = "ANS samples"
_SOURCE_FILE = "upper and title case in one extract"

RULES = (
    Rule(
        "family name",
        "case, accents and ligatures do not count",
        (("Lévêque", "LEVEQUE"), ("Cœur", "COEUR"), ("Øster", "OSTER"), ("ŁUKASZ", "LUKASZ")),
        (("LEVEQUE", "LEVEL"),),
        _SOURCE_FILE,
        same_name,
    ),
    Rule(
        "family name",
        "hyphens, apostrophes, quotes, backslashes and repeated spaces separate words, nothing more",
        (("DUPONT-MARTIN", "DUPONT  MARTIN"), ("D’ABOVILLE", "D'ABOVILLE"), (r"N\DIAYE", "N'DIAYE")),
        (("DUPONT-MARTIN", "DUPONT-MOREAU"),),
        "quotes and backslashes stand in the real files",
        same_name,
    ),
    Rule(
        "family name",
        "the same letters with or without spaces are one name",
        (("LE GOFF", "LEGOFF"), ("D'ALMEIDA", "DALMEIDA"), ("SAINT-JUST", "SAINTJUST")),
        (("LEGOFF", "LEGOF"),),
        "usage of the Orders, deduced",
        same_name,
    ),
    Rule(
        "family name",
        "ST and STE are SAINT and SAINTE",
        (("ST-MARTIN", "SAINT MARTIN"), ("Ste Rose", "SAINTE-ROSE")),
        (("ST MARTIN", "STE MARTINE"),),
        "mapping table of the claims",
        same_name,
    ),
    Rule(
        "family name",
        "a particle may be left out; a particle alone joins nothing",
        (("DE LA TOUR", "TOUR"), ("VAN DER BERG", "BERG")),
        (("DE LA TOUR", "DE LA ROCHE"), ("LE", "LE GOFF")),
        "deduced",
        same_name,
    ),
    Rule(
        "family name",
        "one of two names is compatible with both: married name, name of birth; EP, ÉPOUSE, NÉE, VVE are links",
        (("MARTIN EP DURAND", "DURAND"), ("MARTIN", "MARTIN-DURAND"), ("DURAND NÉE MARTIN", "Martin Durand")),
        (("MARTIN EP DURAND", "MARTIN EP PETIT"), ("MARTIN", "MARTINEZ")),
        "mapping table of the claims ('A EP B', deduced)",
        same_name,
    ),
    Rule(
        "family name",
        "umlauts and Nordic letters may be written out",
        (("MÜLLER", "MUELLER"), ("MÜLLER", "MULLER"), ("GÖßLER", "GOESSLER"), ("ÅBERG", "AABERG")),
        (("MUELLER", "MULLER"),),
        "ICAO 9303 part 3, transliteration of passports",
        same_name,
    ),
    Rule(
        "family name",
        "UTF-8 once read as Windows-1252 is read again as it was meant",
        (("FRANÃ§OIS", "François"), ("JOÃO", "JOAO")),
        (("FRANÃ§OIS", "FRANCK"),),
        "a known accident of software between issuer and application",
        same_name,
    ),
    Rule(
        "first name",
        "several first names: separators do not count, the first one decides",
        (("ANNE'CATHERINE'", "Anne-Catherine"), ("JEAN PIERRE MARIE", "Jean"), ("Jean-Marie", "JEAN PIERRE")),
        (("JEAN", "PIERRE"), ("MARIE", "MARION")),
        "source files join up to three by an apostrophe; mapping table of the claims",
        same_given_name,
    ),
    Rule(
        "first name",
        "one of several first names is enough; an initial stands for what it begins",
        (("CATHERINE", "ANNE CATHERINE"), ("J.-P.", "Jean-Pierre"), ("M CLAIRE", "MARIE CLAIRE")),
        (("J", "MARIE"), ("J P", "JEAN MARIE")),
        "usage, deduced",
        same_given_name,
    ),
    Rule(
        "telephone",
        "digits only; +33, 0033, 33 and a missing 0 are read as 0, the prefixes of the overseas departments too",
        (
            ("01 99 00 12 34", "+33 (0)1 99 00 12 34"),
            ("0199001234", "0033199001234"),
            ("199001234", "01.99.00.12.34"),
            ("+262 262 00 12 34", "0262001234"),
        ),
        (("0199001234", "0199001235"), ("+32 2 555 12 12", "0255512120")),
        f"{_SAMPLES}; ARCEP numbering plan",
        _phones,
    ),
    Rule(
        "telephone",
        f"a number cut short is the one it begins, from {coordinates.FEWEST_DIGITS} digits on",
        (("01990012", "0199001234"),),
        (("01990", "0199001234"),),
        "truncated numbers in the ANS samples",
        _phones,
    ),
    Rule(
        "e-mail",
        "case, spaces around, angle brackets, a name before them and mailto: do not count",
        (
            (" Contact@Sante.Example ", "contact@sante.example"),
            ("<mailto:a@b.example>", "A@B.EXAMPLE"),
            ("Ana Exemple <a@b.example>", "a@b.example"),
        ),
        (("a@b.example", "a.b@b.example"),),
        "mapping table of the claims",
        _emails,
    ),
    Rule(
        "street",
        "type as a code, in full or at the head of the name; usual abbreviations written out",
        (
            ("12||R|DES LILAS", "12||RUE|des Lilas"),
            ("12||R|DES LILAS", "12|||RUE DES LILAS"),
            ("Bld Foch", "BD FOCH"),
            ("RN 7", "Route Nationale 7"),
            ("CTRE CIAL BEAULIEU", "Centre commercial Beaulieu"),
        ),
        (("12||R|DES LILAS", "12||AV|DES LILAS"),),
        "NOS table R35; NF Z10-011",
        _streets,
    ),
    Rule(
        "street",
        "number without leading zeros, in its cell or in the name, the first of two; B, T, Q are bis, ter, quater",
        (
            ("012|B|R|DES LILAS", "12|BIS|RUE|DES LILAS"),
            ("12|B|R|DES LILAS", "12 bis rue des Lilas"),
            ("12|T|R|DES LILAS", "12ter rue des Lilas"),
            ("12-14||R|DES LILAS", "12/14 rue des Lilas"),
        ),
        (("12|B|R|DES LILAS", "12||R|DES LILAS"), ("12||R|DES LILAS", "14||R|DES LILAS")),
        "mapping table of the claims; AFNOR repetition indices",
        _streets,
    ),
    Rule(
        "street",
        "articles do not count, titles inside names are written out, ST is SAINT",
        (
            ("AV DU GAL DE GAULLE", "Avenue Général de Gaulle"),
            ("RUE ST JEAN", "Rue de la Saint-Jean"),
            ("RUE DU 1ER MAI", "Rue du Premier Mai"),
        ),
        (("RUE DU GENERAL LECLERC", "RUE DU MARECHAL LECLERC"),),
        "NF Z10-011, abbreviations of thirty-eight characters",
        _streets,
    ),
    Rule(
        "street",
        "a number or a type that one side leaves out is unknown, not different",
        (
            ("12||R|DES LILAS", "RUE DES LILAS"),
            ("LD LES LILAS", "LES LILAS"),
            ("||LD|DU 8 MAI 1945", "DU 8 MAI 1945"),
            ("|B|AV|DES LILAS", "DES LILAS"),
        ),
        (("12||R|DES LILAS", "12||R|DES ROSES"),),
        "an empty value is unknown",
        _streets,
    ),
    Rule(
        "street",
        "a letter alone numbers nothing; one behind the number is its repetition",
        (
            ("P||PL|DU PARC", "DU PARC"),
            ("P||PL|DU PARC", "P|||DU PARC"),
            ("12B||R|DES LILAS", "12|B|R|DES LILAS"),
            ("12|A|R|DES LILAS", "12A|||DES LILAS"),
            ("137||R|DU 8 MAI 1945", "137|||DU 8 MAI 1945"),
        ),
        (("12A||R|DES LILAS", "12||R|DES LILAS"),),
        "Numéro voie of the extracts, as measured",
        _streets,
    ),
    Rule(
        "postal code",
        "a CEDEX code (the bureau cedex says so) equals any code of its department",
        (("75651|75651 PARIS CEDEX 13", "75013"), ("75651|PARIS CEDEX", "75651")),
        (("75651|75651 PARIS CEDEX 13", "69003"), ("75651", "75013")),
        "La Poste: a CEDEX code is that of a sorting office",
        _postal_codes,
    ),
    Rule(
        "postal code",
        "four digits are a code that lost the zero it begins with",
        (("1000", "01000"), ("6200|NICE CEDEX 3", "06000")),
        (("1000", "10000"),),
        "spreadsheets between registry and application, deduced",
        _postal_codes,
    ),
    Rule(
        "commune",
        "Paris, Marseille and Lyon equal each of their arrondissements",
        (("75056", "75113"), ("13055", "13201"), ("69123", "69381")),
        (("75113", "75114"), ("75056", "69123")),
        "INSEE, code officiel géographique",
        coordinates.same_commune,
    ),
    Rule(
        "structure",
        "the FINESS number stands in its column, after F in the technical identifier (a date may follow), after 1 "
        "in the former one",
        (("F750000001", "||750000001"), ("F75000000101072015", "|1750000001"), ("F2A0000001", "||2a0000001")),
        (("F750000001", "||750000002"),),
        _SAMPLES,
        _structures,
    ),
    Rule(
        "structure",
        "the SIRET number stands in its column, after C in the technical identifier, after 3 in the former one",
        (("C99900000100011", "|399900000100011"), ("C99900000100011", "|||99900000100011")),
        (("C99900000100011", "|||99900000100029"),),
        _SAMPLES,
        _structures,
    ),
    Rule(
        "structure",
        "compared by the best that both have: technical identifier of the same form, former one, FINESS, SIRET",
        (
            ("R10100000000001|499900000001001", "|499900000001001"),
            ("R95141||750000001", "F750000001"),
            ("R95141|||99900000100011", "C99900000100011"),
        ),
        (("F750000001||750000001", "F750000005||750000001"), ("R95141", "R95142")),
        "mapping table of the claims; several sites may share a SIRET",
        _structures,
    ),
)
"""Every rule of normalisation, subject by subject."""
