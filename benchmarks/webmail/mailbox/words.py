"""What the letters are made of, and the words planted to be searched for."""

SEED = 20240611
UID = GID = 5000
T_END = 1_750_000_000  # fixed "now": 2025-06-15
SPAN = 6 * 365 * 86400  # six years
WORD_SUBJ_RARE = "zarzamora"  # planted in subjects, rare
WORD_SUBJ_COMMON = "presupuesto"  # planted in subjects, common
WORD_BODY_RARE = "xilofonista"  # planted in bodies, rare
WORD_BODY_COMMON = "contrataciones"  # planted in bodies, common
KEYWORDS = ["$Forwarded", "$Label1", "NonJunk", "$MDNSent"]

ES = """el la de que y en un una ser se no haber por con su para como estar tener le lo todo pero más hacer
o poder decir este ir otro ese si me ya ver porque dar cuando él muy sin vez mucho saber qué sobre mi alguno mismo
también hasta año dos querer entre así primero desde grande eso ni nos llegar pasar tiempo ella día uno bien poco
deber entonces poner cosa tanto hombre parecer nuestro tan donde ahora parte después vida quedar siempre creer hablar
llevar dejar nada cada seguir menos nuevo encontrar reunión facturación señor mañana informe pedido envío cliente
proyecto plazo revisión propuesta técnico oficina garantía catálogo almacén teléfono dirección número página
educación situación próximo jueves viernes miércoles sábado adjunto saludos gracias estimado atentamente""".split()
EN = """the be to of and a in that have it for not on with he as you do at this but his by from they we say her she
or an will my one all would there their what so up out if about who get which go me when make can like time no just
him know take people into year your good some could them see other than then now look only come its over think also
meeting invoice report deadline review proposal office shipment order customer release schedule attached regards
thanks dear sincerely update please find below next week monday friday budget team project""".split()
DE = """der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat
dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr
durch man sein wurde sei Rechnung Besprechung Grüße Prüfung nächste Woche Lieferung Straße Änderung Büro""".split()
FR = """le de un être et à il avoir ne je son que se qui ce dans en du elle au pour pas sur faire plus dire me on mon
lui nous comme mais pouvoir avec tout y aller voir bien où sans tu ou leur homme si deux moi vouloir réunion facture
délai révision société déjà février août équipe prévu réponse""".split()
WORLD = [
    "Встреча в понедельник",
    "Счёт на оплату",
    "会议纪要",
    "請求書のご確認",
    "견적서 송부",
    "פגישה מחר",
    "اجتماع الغد",
    "Συνάντηση ομάδας",
    "Účtenka č.",
    "Zażółć gęślą jaźń",
    "Fête d'été 🎉",
    "¡Oferta! 🔥🔥",
]
FIRST = """Lucía Martín Sofía Hugo María Pablo Daniela Álvaro Carmen Adrián Núria Iñaki José Begoña Rocío Andrés
Jürgen Zoë François Søren Anna John Emily Peter Olga Wei Hiroshi Fátima Noah Chloé""".split()
LAST = """García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Díaz Muñoz Álvarez Núñez Ibáñez Müller
Schröder Dupont Lefèvre Smith Johnson Brown O'Brien Kowalski Novák Østergård Silva Conceição Ivanova Tanaka Chen""".split()
DOMAINS = [
    "acme.test",
    "clientes.test",
    "facturas.test",
    "lists.test",
    "noticias.test",
    "tienda.test",
    "banco.test",
    "uni.test",
    "gobierno.test",
    "startup.test",
    "proveedor.test",
    "viajes.test",
]
FOLDERS = [  # Maildir++ name (modified UTF-7), share of messages
    ("Sent", 3000),
    ("Drafts", 40),
    ("Trash", 800),
    ("Junk", 600),
    ("Archive", 2500),
    ("Archive.2019", 900),
    ("Archive.2020", 900),
    ("Archive.2021", 900),
    ("Archive.2022", 900),
    ("Archive.2023", 900),
    ("Clientes", 150),
    ("Clientes.Acme", 400),
    ("Clientes.Espa&APE-a", 350),
    ("Facturaci&APM-n", 700),
    ("Proyectos", 80),
    ("Proyectos.Postie", 500),
    ("Listas", 30),
    ("Listas.python", 1500),
    ("Personal", 250),
    ("Vac&AO0-a", 0),
]
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
