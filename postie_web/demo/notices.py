"""Mail that comes by itself: newsletters, bills, alerts, and what belongs into Junk."""

from dataclasses import dataclass

NEWS = (
    ("Tres bibliotecas que abren de noche", "En Arequipa, Cusco y Trujillo la sala de lectura cierra a las once. Contamos quién va y qué lee."),
    ("La feria del libro en números", "Más de medio millón de visitas y una sorpresa: lo más vendido fue la poesía."),
    ("Cómo leer en voz alta", "Siete consejos de cuentacuentos para que nadie mire el reloj, ni siquiera los grandes."),
    ("El archivo que cabía en una maleta", "Una familia de Ayacucho donó 140 cartas de 1920. Ya se pueden consultar en línea."),
    ("Cuentos en quechua para escuchar", "Doce grabaciones libres, con su texto en dos lenguas, para usar en el aula."),
    ("Restaurar un mapa", "El taller de conservación abrió sus puertas y mostró, paso a paso, cómo se salva el papel."),
    ("Bibliotecas rodantes", "Un bus, dos mil libros y una ruta por la sierra de Lima: diario de una semana."),
    ("Qué traducen las editoriales pequeñas", "De Corea, de Angola y de Bolivia: los títulos que llegan este mes."),
)  # fmt: skip
ENGLISH_NEWS = (
    ("Small libraries, big rooms", "How five community libraries doubled their opening hours without doubling their budget."),
    ("A catalogue in one afternoon", "A step by step guide for collections under two thousand books."),
    ("What children ask for", "We read 1,200 request slips. Dinosaurs are still in the lead, but not by much."),
    ("Quiet hours, loud hours", "Why a timetable for noise works better than a sign on the wall."),
)  # fmt: skip
JUNK = (
    ("¡¡GANASTE un viaje a Cancún!!", "premios@sorteo-mundial.test", "Haga clic en las próximas 24 horas para reclamar su premio. Solo pagará los impuestos."),
    ("Your mailbox is 98% full", "support@mail-storage.test", "Dear user, confirm your password now or lose your messages."),
    ("Invoice 88213 overdue", "billing@quick-pay.test", "Please open the attached invoice at once to avoid legal steps."),
    ("Crédito aprobado sin evaluación", "prestamos@dinero-ya.test", "Hasta S/ 50 000 hoy mismo, sin aval y sin preguntas."),
    ("SEO: first place guaranteed", "growth@rank-first.test", "We noticed that your website is not on page one."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bill:
    subject: str
    sender: str
    address: str
    text: str


BILLS = (
    Bill("Tu recibo de luz de {month}", "Luz de Lima", "recibos@luz-lima.test",
         "Hola:\n\nTu recibo de {month} ya está listo.\n\nConsumo: {number} kWh\nTotal: S/ {amount}\nVence el día 18.\n"),
    Bill("Recibo de agua – {month}", "Agua Sur", "avisos@agua-sur.test",
         "Estimado cliente:\n\nSu consumo de {month} fue de {number} m³. Importe: S/ {amount}.\n"),
    Bill("Factura electrónica F001-{number}", "Imprenta Andina", "facturas@imprenta-andina.test",
         "Adjuntamos la factura electrónica F001-{number} correspondiente a {month}, por S/ {amount}.\n"),
)  # fmt: skip
MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "setiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
