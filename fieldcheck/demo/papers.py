"""What hangs on the walls of the demo's schools, drawn flat: plates, stands, notices, menus, screens.

Everything is invented: no school, person, amount or address is real, and no person is drawn. What a reader could take
for a name is blotted out, as a volunteer would have to do it.
"""

from random import Random

from PIL import Image, ImageDraw

from fieldcheck.demo.lettering import INK, Colour, width, wrap, write, write_block

WHITE: Colour = (252, 251, 247)
GREY: Colour = (126, 130, 140)
BLUE: Colour = (24, 84, 148)
RED: Colour = (190, 44, 48)
GOLD: Colour = (214, 178, 96)

Words = dict[str, str]

SCHOOL = {
    "ru": "КГУ «Общеобразовательная школа № {n}»",
    "kk": "«№ {n} жалпы білім беретін мектеп» КММ",
    "en": "General education school No. {n}",
}
STAND = {"ru": "Информация для родителей", "kk": "Ата-аналарға арналған ақпарат", "en": "Information for parents"}
BAN = {"ru": "#НЕТ ПОБОРАМ", "kk": "#АЛЫМҒА ЖОЛ ЖОҚ", "en": "#NO COLLECTIONS"}
BAN_TEXT = {
    "ru": "В школе запрещены любые сборы денег. Сообщите нам: телефон доверия 0 000 00 00",
    "kk": "Мектепте ақша жинауға тыйым салынған. Бізге хабарлаңыз: сенім телефоны 0 000 00 00",
    "en": "Collecting money is not allowed in this school. Tell us: helpline 0 000 00 00",
}
SHEETS = {
    "ru": ["Правила приёма", "График приёма", "Расписание звонков", "Перечень документов", "Режим дня", "Контакты"],
    "kk": ["Қабылдау қағидалары", "Қабылдау кестесі", "Қоңырау кестесі", "Құжаттар тізбесі", "Күн тәртібі", "Байланыс"],
    "en": ["Admission rules", "Reception hours", "Bell schedule", "List of documents", "Daily routine", "Contacts"],
}
NOTICE = {"ru": "Уважаемые родители!", "kk": "Құрметті ата-аналар!", "en": "Dear parents,"}
NOTICE_TEXT = {
    "ru": "Просим до {day} сентября сдать {sum} ₸ {what}. Деньги принимает родительский комитет класса.",
    "kk": "{day} қыркүйекке дейін {what} {sum} ₸ тапсыруларыңызды сұраймыз. Ақшаны сыныптың ата-аналар комитеті алады.",
    "en": "Please hand in {sum} ₸ {what} by {day} September. The parents' committee of the class takes the money.",
}
PURPOSES = {
    "ru": ["на ремонт класса", "на тестирование", "на шторы и лампы", "на охрану"],
    "kk": ["сыныпты жөндеуге", "тестілеуге", "перде мен шамға", "күзетке"],
    "en": ["for repairs of the classroom", "for the tests", "for curtains and lamps", "for the guards"],
}
MENU = {"ru": "Меню на день", "kk": "Күндік мәзір", "en": "Menu of the day"}
DISHES = {
    "ru": [
        "Суп с лапшой",
        "Плов с курицей",
        "Гречка с котлетой",
        "Салат из капусты",
        "Творог",
        "Кисель",
        "Чай",
        "Хлеб",
    ],
    "kk": ["Кеспе көже", "Тауық палауы", "Котлет, қарақұмық", "Қырыққабат салаты", "Сүзбе", "Кисель", "Шай", "Нан"],
    "en": ["Noodle soup", "Pilaf with chicken", "Buckwheat, cutlet", "Cabbage salad", "Curd", "Kissel", "Tea", "Bread"],
}
SITE = {
    "ru": ["О школе", "Приём в 1 класс", "Бюджет школы", "Попечительский совет", "Питание", "Обратная связь"],
    "kk": ["Мектеп туралы", "1-сыныпқа қабылдау", "Мектеп бюджеті", "Қамқоршылық кеңес", "Тамақтану", "Кері байланыс"],
    "en": ["About", "Admission to grade 1", "School budget", "Board of trustees", "Meals", "Feedback"],
}
CHAT = {
    "ru": [
        "Добрый день! Напоминаю про {sum} ₸ {what}.",
        "А это обязательно?",
        "Сдают все, до {day} числа.",
        "Квитанция будет?",
        "Переводите, пожалуйста, по номеру телефона.",
        "Поняла, спасибо.",
    ],
    "kk": [
        "Қайырлы күн! {what} {sum} ₸ туралы еске саламын.",
        "Бұл міндетті ме?",
        "Барлығы тапсырады, айдың {day}-іне дейін.",
        "Түбіртек бола ма?",
        "Телефон нөмірі арқылы аударыңыздар.",
        "Түсіндім, рақмет.",
    ],
    "en": [
        "Good afternoon! A reminder: {sum} ₸ {what}.",
        "Is it obligatory?",
        "Everybody pays, by the {day}th.",
        "Will there be a receipt?",
        "Please send it to the phone number.",
        "I see, thank you.",
    ],
}


def facts(chance: Random, language: str) -> dict[str, str]:
    """Invent an amount, a purpose and a day."""
    amount = chance.choice([1500, 2000, 2700, 3000, 5000, 7500, 10000])
    return {
        "sum": f"{amount:,}".replace(",", "\u00a0"),
        "what": chance.choice(PURPOSES[language]),
        "day": str(chance.randint(8, 28)),
    }


def paper(size: tuple[int, int], tint: Colour = WHITE) -> Image.Image:
    """Give an empty sheet with a thin edge."""
    sheet = Image.new("RGB", size, tint)
    ImageDraw.Draw(sheet).rectangle((0, 0, size[0] - 1, size[1] - 1), outline=(206, 204, 198), width=2)
    return sheet


def rows_of_text(image: Image.Image, chance: Random, box: tuple[int, int, int, int], gap: int) -> None:
    """Draw text too small to read as strokes of words."""
    pen = ImageDraw.Draw(image)
    left, y, right, bottom = box
    while y < bottom:
        x, end = left, right if chance.random() < 0.75 else left + (right - left) * chance.uniform(0.3, 0.8)
        while x < end:
            word = chance.randint(gap, gap * 4)
            pen.line((x, y, min(x + word, end), y), fill=(132, 134, 142), width=max(2, gap // 4))
            x += word + gap // 2
        y += gap


def plate(chance: Random, language: str) -> Image.Image:
    """Draw the name plate of a school, in Kazakh and in one more language as they hang there."""
    image = Image.new("RGB", (1080, 700), chance.choice([BLUE, (120, 28, 36), (28, 92, 78), (40, 44, 60)]))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((18, 18, 1061, 681), 18, outline=GOLD, width=6)
    number = chance.randint(2, 90)
    for x, y in ((48, 48), (1032, 48), (48, 652), (1032, 652)):
        pen.ellipse((x - 12, y - 12, x + 12, y + 12), fill=(226, 208, 160), outline=(120, 96, 50), width=2)
    pen.ellipse((490, 56, 590, 156), fill=GOLD)
    pen.polygon([(515, 112), (540, 84), (565, 112), (565, 132), (515, 132)], fill=image.getpixel((300, 300)))
    other = "ru" if language == "kk" else language
    y = write_block(image, (540, 190), SCHOOL["kk"].format(n=number), 62, 940, GOLD, 700, "ma")
    pen.line((240, y + 26, 840, y + 26), fill=GOLD, width=3)
    write_block(image, (540, y + 58), SCHOOL[other].format(n=number), 62, 940, (244, 236, 214), 600, "ma")
    return image


def stand(chance: Random, language: str, *, with_ban: bool) -> Image.Image:
    """Draw an information stand with six sheets in pockets, one of them the ban on collections if there is one."""
    frame = chance.choice([BLUE, (36, 110, 92), (142, 92, 48), (78, 70, 130)])
    image = Image.new("RGB", (1240, 1480), (236, 238, 240))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 1240, 170), fill=frame)
    pen.rectangle((0, 0, 1239, 1479), outline=frame, width=22)
    write(image, (620, 92), STAND[language], 76, WHITE, 700, "mm")
    titles = chance.sample(SHEETS[language], 6)
    place_of_ban = chance.randrange(6) if with_ban else -1
    empty = chance.choice([-1, *range(6)])
    for n, title in enumerate(titles):
        x, y = 62 + n % 3 * 382, 220 + n // 3 * 630
        pen.rectangle((x - 8, y - 8, x + 360, y + 568), fill=(214, 218, 224), outline=(176, 182, 192), width=3)
        if n == place_of_ban:
            image.paste(ban_sheet(language), (x, y))
        elif n != empty:
            image.paste(small_sheet(chance, title), (x + chance.randint(-4, 6), y + chance.randint(-2, 8)))
        pen.line((x + 350, y + 8, x + 350, y + 540), fill=(246, 248, 250), width=5)  # light on the pocket's edge
    return image


def small_sheet(chance: Random, title: str) -> Image.Image:
    """Draw a printed sheet whose heading can be read and whose text cannot."""
    sheet = paper((346, 546), chance.choice([WHITE, (250, 248, 236), (240, 246, 250)]))
    y = write_block(sheet, (173, 28), title, 37, 310, chance.choice([INK, BLUE, RED]), 700, "ma")
    if chance.random() < 0.4:
        pen = ImageDraw.Draw(sheet)
        for row in range(y + 30, 510, 46):
            pen.rectangle((28, row, 318, row + 46), outline=GREY, width=2)
            pen.line((190, row, 190, row + 46), fill=GREY, width=2)
        rows_of_text(sheet, chance, (42, y + 54, 176, 520), 46)
    else:
        rows_of_text(sheet, chance, (30, y + 30, 316, 510), 17)
    return sheet


def ban_sheet(language: str) -> Image.Image:
    """Draw the notice that collections are not allowed."""
    sheet = paper((346, 546), (26, 120, 182))
    pen = ImageDraw.Draw(sheet)
    pen.ellipse((83, 40, 263, 220), fill=WHITE, outline=RED, width=18)
    write(sheet, (173, 130), "₸", 130, INK, 700, "mm")
    pen.line((112, 68, 234, 192), fill=RED, width=18)
    size = next(size for size in range(48, 20, -2) if width(BAN[language], size, 800) < 316 or size == 22)
    y = write_block(sheet, (173, 248), BAN[language], size, 330, WHITE, 800, "ma")
    write_block(sheet, (173, y + 16), BAN_TEXT[language], 26, 310, WHITE, 500, "ma")
    return sheet


def notice(chance: Random, language: str) -> Image.Image:
    """Draw a sheet that asks for an amount."""
    image = paper((940, 1240), chance.choice([WHITE, (253, 246, 214), (236, 246, 238)]))
    y = write_block(image, (470, 130), NOTICE[language], 84, 820, INK, 700, "ma")
    y = write_block(image, (90, y + 60), NOTICE_TEXT[language].format(**facts(chance, language)), 62, 770)
    pen = ImageDraw.Draw(image)
    pen.rectangle((90, y + 70, 520, y + 118), fill=INK)  # a name, blotted out
    write(image, (850, y + 94), f"0{chance.randint(1, 6)}.09", 50, BLUE, 500, "rm")
    for x, corner in ((30, 10), (760, 6), (40, 1180), (750, 1176)):
        pen.polygon(
            [(x, corner), (x + 150, corner + 8), (x + 146, corner + 54), (x - 4, corner + 46)], fill=(232, 226, 198)
        )
    return image


def menu(chance: Random, language: str) -> Image.Image:
    """Draw a canteen's menu with weights and, mostly, prices."""
    image = paper((1040, 1360), (255, 253, 244))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 1040, 190), fill=chance.choice([(226, 124, 46), (60, 138, 78), (196, 64, 70)]))
    write(image, (520, 98), MENU[language], 92, WHITE, 700, "mm")
    priced = chance.random() < 0.7
    for n, dish in enumerate(chance.sample(DISHES[language], 8)):
        y = 250 + n * 126
        write(image, (70, y + 44), dish, 54, INK, 500, "lm")
        write(
            image,
            (740, y + 44),
            f"{chance.randrange(50, 260, 10)} г" if language != "en" else "150 g",
            46,
            GREY,
            400,
            "rm",
        )
        if priced:
            write(image, (970, y + 44), f"{chance.randrange(60, 620, 10)} ₸", 54, INK, 700, "rm")
        pen.line((60, y + 104, 980, y + 104), fill=(214, 206, 186), width=3)
    return image


def website(chance: Random, language: str) -> Image.Image:
    """Draw a school's site as a phone shows it."""
    image = Image.new("RGB", (1080, 1440), (246, 247, 250))
    pen = ImageDraw.Draw(image)
    number, tint = chance.randint(2, 90), chance.choice([BLUE, (20, 116, 110), (98, 62, 142)])
    status_bar(image, chance)
    pen.rounded_rectangle((40, 76, 1040, 152), 38, fill=(226, 230, 236))
    write(image, (90, 114), f"school-{number}.example", 40, INK, 400, "lm")
    pen.rectangle((0, 176, 1080, 470), fill=tint)
    write_block(image, (60, 220), SCHOOL[language].format(n=number), 62, 940, WHITE, 700)
    for n, title in enumerate(chance.sample(SITE[language], chance.choice([4, 5, 6]))):
        x, y = 40 + n % 2 * 510, 510 + n // 2 * 300
        pen.rounded_rectangle((x, y, x + 490, y + 270), 20, fill=WHITE, outline=(222, 226, 232), width=3)
        pen.ellipse((x + 30, y + 30, x + 100, y + 100), fill=tint)
        below = write_block(image, (x + 30, y + 120), title, 42, 430, INK, 600)
        rows_of_text(image, chance, (x + 30, below + 20, x + 440, y + 250), 20)
    return image


def chat(chance: Random, language: str) -> Image.Image:
    """Draw a class chat with every name blotted out."""
    image = Image.new("RGB", (1080, 1440), (228, 222, 212))
    pen = ImageDraw.Draw(image)
    told = facts(chance, language)
    status_bar(image, chance)
    pen.rectangle((0, 64, 1080, 186), fill=(34, 94, 92))
    pen.ellipse((40, 80, 130, 170), fill=(180, 200, 198))
    pen.rectangle((160, 100, 560, 148), fill=INK)
    y = 226
    for n, line in enumerate(CHAT[language]):
        mine = n % 2 == 1
        x = 300 if mine else 50
        lines = len(wrap(line.format(**told), 48, 620)) * 61
        high = lines + (40 if mine else 88)
        pen.rounded_rectangle((x, y, x + 700, y + high), 26, fill=(214, 240, 206) if mine else WHITE)
        if not mine:
            pen.rectangle((x + 36, y + 24, x + 300, y + 56), fill=INK)
        write_block(image, (x + 36, y + high - lines - 18), line.format(**told), 48, 620)
        y += high + 30
    return image


def status_bar(image: Image.Image, chance: Random) -> None:
    """Draw the time and the battery of a phone."""
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, image.width, 64), fill=(24, 26, 32))
    write(image, (50, 32), f"{chance.randint(8, 18)}:{chance.randint(0, 59):02}", 36, WHITE, 500, "lm")
    pen.rounded_rectangle((960, 18, 1028, 46), 6, outline=WHITE, width=3)
    pen.rectangle((966, 24, 966 + chance.randint(12, 56), 40), fill=WHITE)
