"""Who writes to whom. Every outside address ends in .test (RFC 6761): none of them can exist."""

from dataclasses import dataclass

DOMAIN = "kronos.test"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    address: str

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


ANA = Person("Ana Quispe Mamani", f"ana.quispe@{DOMAIN}")
LUIS = Person("Luis Huamán Flores", f"luis.huaman@{DOMAIN}")
ROSA = Person("Rosa Castillo Rojas", f"rosa.castillo@{DOMAIN}")
STAFF = (ANA, LUIS, ROSA)

JORGE = Person("Jorge Salazar Vega", "jorge.salazar@imprenta-andina.test")
CARMEN = Person("Carmen Ñaupari Díaz", "cnaupari@colegio-sanmartin.test")
MIGUEL = Person("Miguel Ángel Torres", "miguel.torres@muni-barranco.test")
ELENA = Person("Elena Chávez Paredes", "elena@contadores-lima.test")
EMILY = Person("Emily Carter", "emily.carter@openlibraries.test")
DAVID = Person("David O'Connor", "david@northbridge-fund.test")
YUKI = Person("Yuki Tanaka", "tanaka@kyoto-library.test")
OUTSIDE = (JORGE, CARMEN, MIGUEL, ELENA, EMILY, DAVID, YUKI)

EVERYBODY = {
    person.first_name.lower(): person for person in (*STAFF, *OUTSIDE)
}  # "ana", "jorge" … as the letters name them
