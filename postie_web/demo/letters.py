"""Conversations: who begins, to whom, and what each one answers. Names are keys of people.EVERYBODY."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conversation:
    subject: str
    people: tuple[str, ...]  # the first begins; every letter goes to all others
    letters: tuple[tuple[str, str], ...]  # who, what
    document: str = ""  # pdf · picture · docx · letter, on the first
    folder: str = ""  # where the staff filed it; empty: the inbox


CONVERSATIONS = (
    Conversation(
        "Taller de lectura en agosto",
        ("carmen", "ana"),
        (
            ("carmen", "Hola Ana:\n\nEn el colegio queremos repetir el taller de lectura con los chicos de quinto. "
             "¿Tendrían libre alguna mañana de la segunda semana? Seríamos 28 alumnos y dos profesoras."),
            ("ana", "Hola Carmen:\n\n¡Qué buena noticia! El jueves por la mañana la sala está libre de 9 a 12. "
             "Solo necesito la lista de alumnos tres días antes para preparar los cuadernos."),
            ("carmen", "Perfecto, jueves entonces. Te mando la lista el lunes. ¿Podemos llevar lonchera?"),
            ("ana", "Claro que sí, hay mesas en el patio. Nos vemos el jueves."),
        ),
        folder="Proyectos/Talleres",
    ),
    Conversation(
        "Cotización de afiches",
        ("jorge", "rosa"),
        (
            ("jorge", "Buenos días, Rosa:\n\nTe adjunto la cotización de los 200 afiches en A3, papel couché de 150 g. "
             "El precio incluye IGV y la entrega en Barranco. Vale por quince días."),
            ("rosa", "Gracias, Jorge. Si subimos a 300, ¿baja el precio por unidad?"),
            ("jorge", "Sí, a S/ 2.10 cada uno. Y con 500 llegamos a S/ 1.75."),
            ("rosa", "Vamos con 300. Hoy te paso el arte final."),
        ),
        document="pdf",
    ),
    Conversation(
        "Informe trimestral",
        ("luis", "ana", "rosa"),
        (
            ("luis", "Equipo:\n\nAdjunto el borrador del informe trimestral. Faltan las cifras de asistencia de junio "
             "y las fotos. ¿Lo revisan antes del viernes?"),
            ("rosa", "Leído. En la página 3 los talleres suman 14, no 13. Lo demás está muy bien."),
            ("ana", "Asistencia de junio: 412 personas. Las fotos las subo esta tarde."),
            ("luis", "Corregido y enviado. Gracias a las dos."),
        ),
        document="docx",
        folder="Archive",
    ),
    Conversation(
        "Permiso para la feria del parque",
        ("luis", "miguel"),
        (
            ("luis", "Estimado Miguel:\n\nSolicitamos el permiso para instalar seis mesas en el parque el último domingo "
             "del mes, de 10 a 18 h. Adjunto el plano con la ubicación."),
            ("miguel", "Estimado Luis:\n\nRecibido. Falta el seguro de responsabilidad civil. Con eso sale en cinco días hábiles."),
            ("luis", "Lo tenemos desde enero; te lo envío en un momento por mesa de partes."),
            ("miguel", "Permiso aprobado. Pueden recogerlo en ventanilla 4. ¡Suerte con la feria!"),
        ),
        document="picture",
        folder="Proyectos/Feria",
    ),
    Conversation(
        "Shipping the donated books",
        ("emily", "ana"),
        (
            ("emily", "Hi Ana,\n\nThe 14 boxes left our warehouse yesterday and should reach Callao in about five weeks. "
             "The packing list is attached. Could you check whether customs still wants the letter of donation in Spanish?"),
            ("ana", "Hi Emily,\n\nThank you! Yes, they do: signed and with the value in dollars. I can translate it if you send me the English one."),
            ("emily", "That would be wonderful. It is on its way to you by courier, and here is a scan to begin with."),
            ("ana", "Translated and back in your inbox. Box 9 says 'fragile': may we open it here?"),
            ("emily", "Of course, those are the globes. Send a picture when the children see them!"),
        ),
        document="pdf",
        folder="Proyectos",
    ),
    Conversation(
        "Grant report: two questions",
        ("david", "luis"),
        (
            ("david", "Dear Luis,\n\nI enjoyed reading your report. Two questions from the board: how many of the workshops took place "
             "outside Lima, and is the difference in the printing budget a saving or a delay?\n\nBest wishes\nDavid"),
            ("luis", "Dear David,\n\nThree of fourteen: Huancayo, Ica and Cañete. The printing is a saving, we found a better offer "
             "for the posters. I have marked both in the attached table.\n\nKind regards\nLuis"),
            ("david", "That is exactly what they needed. The second payment goes out on Monday."),
        ),
    ),
    Conversation(
        "Reunión del lunes",
        ("ana", "luis", "rosa"),
        (
            ("ana", "Hola:\n\nEl lunes a las 9 revisamos el calendario del mes que viene. ¿Algo para la agenda?"),
            ("rosa", "El inventario de la sala y las llaves nuevas, por favor."),
            ("luis", "Y la factura de la imprenta, que llegó dos veces."),
        ),
    ),
    Conversation(
        "Exchange of children's drawings",
        ("yuki", "ana"),
        (
            ("yuki", "Dear Ana,\n\nOur library would like to exchange drawings between children in Kyoto and Lima: 絵とことば (\"pictures and words\"). "
             "We would send thirty drawings in spring.\n\n田中"),
            ("ana", "Dear Yuki,\n\nThe children are already drawing. ありがとう! Would A4 be all right?"),
            ("yuki", "A4 is perfect. Here is the first one, by Haruto, seven years old."),
        ),
    ),
    Conversation(
        "Boletas de honorarios",
        ("elena", "luis"),
        (
            ("elena", "Hola Luis:\n\nPara cerrar el mes me faltan dos recibos por honorarios: el del tallerista de cerámica y el de la "
             "fotógrafa. Los necesito hasta el día 5."),
            ("luis", "Hola Elena:\n\nEl de cerámica va adjunto. La fotógrafa lo emite mañana."),
            ("elena", "Recibido. Con el otro declaro y te mando el resumen."),
        ),
        folder="Facturas",
    ),
    Conversation(
        "Foto para la web",
        ("rosa", "ana"),
        (
            ("rosa", "Ana, ¿esta te parece bien para la portada? Es la del patio con la luz de la tarde."),
            ("ana", "¡Preciosa! Úsala. Solo recorta un poco el cable de la izquierda."),
        ),
        document="picture",
    ),
    Conversation(
        "Llaves de la sala",
        ("rosa", "luis"),
        (
            ("rosa", "Luis, el cerrajero viene el miércoles a las 11. ¿Cuántas copias pedimos?"),
            ("luis", "Cuatro: tres nuestras y una para la vigilancia. Yo lo espero."),
            ("rosa", "Anotado. Son S/ 60 en total, los saco de caja chica."),
        ),
    ),
    Conversation(
        "Reenvío: la carta de la municipalidad",
        ("luis", "ana"),
        (
            ("luis", "Ana, te reenvío completa la carta que llegó hoy. Lo importante está en el segundo párrafo: hay que confirmar "
             "la fecha antes de fin de mes."),
            ("ana", "Vista. Confirmo yo por teléfono y te cuento."),
        ),
        document="letter",
    ),
)  # fmt: skip
