#!/usr/bin/env python3
"""Write mix.jsonl: 20,000 distinct customer messages for load and routing tests.

    python3 tests/scenarios/make_mix.py            # writes mix.jsonl next to this file
    python3 tests/scenarios/make_mix.py --check    # compares with the file, exit 1 if it differs

One JSON object a line: {"text", "lang", "kind"}.
  lang  th 60 %, en 30 %, zh 10 %
  kind  "knowledge" 30 % (a help-centre article answers it), "task" 70 %
        (something to look up or do, small talk, and about 5 % out-of-scope chatter);
        the 30 % holds inside each language as well.

How a message is made
  1. GRAMMAR[lang][intent] is a list of patterns. In a pattern (a|b|) picks one
     branch (branches may nest and may be empty) and {name} picks from SLOTS, or
     calls a function (order numbers, clock times, Thai polite particles).
  2. One Writer is drawn for each message: Thai polite particles follow the writer,
     and products and quantities stay with one kind of product. Now and then an
     opener and a closer are put around the message.
  3. A part of the messages goes through noise: typos, chat spellings, missing
     marks, lost capitals and punctuation. Tokens with a digit are never touched,
     so an order number stays readable.
  4. A text is kept if no other text is equal to it after case and spaces are
     folded. The number wanted from each intent is fixed by QUOTA.

The bytes are always the same: the only source of chance is random.Random(SEED)
.random(), whose sequence Python promises to keep; choice() and shuffle() are not
used because their algorithms have changed between versions.

All people, addresses and numbers are made up. Demo company: Baan Kafe Supply.
"""
import json
import os
import random
import re
import sys

SEED = 240117
TOTAL = {"th": 12000, "en": 6000, "zh": 2000}
KNOWLEDGE_SHARE = 0.30
MAX_CHARS = {"th": 78, "en": 135, "zh": 60}

# Weights inside each kind; turned into whole numbers for each language.
QUOTA = {
    "knowledge": {
        "delivery": 14, "returns": 9, "cleaning": 11, "recipes": 12, "storage": 8,
        "warranty": 8, "payment": 9, "tax_invoice": 7, "training": 7,
        "wholesale": 6, "installation": 5, "points": 4,
    },
    "task": {
        "track": 140, "price": 110, "stock": 90, "broken": 105, "recommend": 80,
        "address": 80, "cancel": 70, "visit": 60, "refund": 60, "slip": 50,
        "promotion": 40, "account": 35, "human": 30, "complaint": 55,
        "greeting": 14, "thanks": 13, "goodbye": 9, "chatter": 80,
    },
}

PLACES = """เชียงใหม่/Chiang Mai/清迈 เชียงราย/Chiang Rai/清莱 ลำปาง/Lampang/南邦 ลำพูน/Lamphun/南奔
น่าน/Nan/难府 แพร่/Phrae/帕府 พะเยา/Phayao/帕尧 แม่ฮ่องสอน/Mae Hong Son/夜丰颂 ตาก/Tak/达府
พิษณุโลก/Phitsanulok/彭世洛 สุโขทัย/Sukhothai/素可泰 นครสวรรค์/Nakhon Sawan/北榄坡 ขอนแก่น/Khon Kaen/孔敬
อุดรธานี/Udon Thani/乌隆 หนองคาย/Nong Khai/廊开 เลย/Loei/黎府 โคราช/Korat/呵叻 บุรีรัมย์/Buriram/武里南
สุรินทร์/Surin/素辇 อุบล/Ubon/乌汶 สกลนคร/Sakon Nakhon/色军 นครพนม/Nakhon Phanom/那空帕农 ร้อยเอ็ด/Roi_Et/黎逸
กรุงเทพ/Bangkok/曼谷 นนทบุรี/Nonthaburi/暖武里 ปทุมธานี/Pathum Thani/巴吞他尼 สมุทรปราการ/Samut Prakan/北榄
อยุธยา/Ayutthaya/大城 สระบุรี/Saraburi/北标 ลพบุรี/Lopburi/华富里 นครปฐม/Nakhon Pathom/佛统
กาญจนบุรี/Kanchanaburi/北碧 ราชบุรี/Ratchaburi/叻丕 หัวหิน/Hua Hin/华欣 ชลบุรี/Chonburi/春武里
พัทยา/Pattaya/芭提雅 ระยอง/Rayong/罗勇 จันทบุรี/Chanthaburi/尖竹汶 ตราด/Trat/哒叻 ภูเก็ต/Phuket/普吉
กระบี่/Krabi/甲米 พังงา/Phang Nga/攀牙 ตรัง/Trang/董里 สุราษฎร์/Surat Thani/素叻 เกาะสมุย/Koh Samui/苏梅岛
หาดใหญ่/Hat Yai/合艾 นครศรี/Nakhon Si Thammarat/洛坤 ยะลา/Yala/也拉 ชุมพร/Chumphon/春蓬 ระนอง/Ranong/拉廊"""
_TRIPLES = [t.split("/") for t in re.findall(r"[^\s/]+/[^/\n]+/[^\s/]+", PLACES)]

SLOTS = {
    "th": {
        "place": [t[0] for t in _TRIPLES],
        "bean": "ดอยช้าง|เมล็ดดอยช้าง|เฮาส์เบลนด์|house blend|เอสเปรสโซ่คั่วเข้ม|คั่วเข้ม|เมล็ดดีแคฟ|decaf|เมล็ด cold brew|เมล็ดโคลด์บรูว์|doi chang",
        "machine": "เครื่อง 1 หัว|เครื่องหัวเดี่ยว|เครื่องชง 1 หัวชง|เครื่อง 2 หัว|เครื่องสองหัว|เครื่อง 2 group|เครื่องอัตโนมัติ|เครื่องออโต้|เครื่องชงอัตโนมัติ",
        "gear": "{machine}|เครื่องบด|เครื่องชงกาแฟ|grinder|{machine}|เครื่องบดกาแฟ",
        "syrup": "ไซรัปวานิลลา|ไซรัปคาราเมล|ไซรัปเฮเซลนัท|ไซรัปสตรอว์เบอร์รี่|น้ำเชื่อมวานิลลา|syrup คาราเมล",
        "cup": "แก้ว 12 ออนซ์|แก้ว 16 ออนซ์|แก้ว 22 oz|แก้วกระดาษ 8 ออนซ์|แก้วกระดาษ|ฝาโดม|ฝาแก้ว 16 ออนซ์|แก้วร้อน",
        "milk": "นมสด|นมโอ๊ต|นมพาสเจอร์ไรซ์|นมโอ๊ตบาริสต้า|นมไร้แลคโตส",
        "qty_bean": "1 โล|2 โล|3 โล|5 กก.|8 โล|10 โล|12 กก.|20 โล|ครึ่งโล|สองถุง|3 ถุง|4 ถุง|6 ถุง|สิบโล",
        "qty_syrup": "1 ขวด|2 ขวด|3 ขวด|5 ขวด|6 ขวด|1 ลัง|2 ลัง|โหลนึง|สามขวด",
        "qty_cup": "500 ใบ|1000 ใบ|2,000 ใบ|1 ลัง|2 ลัง|3 ลัง|6 ลัง|10 แถว|5 แพ็ค",
        "qty_milk": "6 กล่อง|12 กล่อง|1 ลัง|2 ลัง|4 ลัง|5 ลิตร|10 ลิตร|โหลนึง",
        "qty_gear": "1 เครื่อง|2 เครื่อง|เครื่องนึง|สองตัว|3 ตัว",
        "drink": "ลาเต้|ลาเต้เย็น|คาปูชิโน่|อเมริกาโน่|อเมริกาโน่เย็น|มอคค่า|เดอร์ตี้|โคลด์บรูว์|เอสเปรสโซ่เย็น|ลาเต้คาราเมล|แฟลตไวท์|กาแฟดริป|เอสเพรสโซ่โทนิค|กาแฟส้ม|กาแฟมะพร้าว|อัฟโฟกาโต",
        "part": "หัวชง|ก้านสตีม|ด้ามชง|ถาดน้ำทิ้ง|โถเมล็ด|ตะแกรงหัวชง|ถังน้ำ|เฟืองบด|หม้อต้ม|ท่อน้ำ|ระบบนม|ปั๊มน้ำ|ยางหัวชง",
        "day": "พรุ่งนี้|มะรืน|วันจันทร์|วันอังคาร|วันพุธ|พฤหัส|วันศุกร์|วันเสาร์|วันอาทิตย์|อาทิตย์หน้า|สิ้นเดือน|วันนี้|บ่ายนี้|สัปดาห์นี้",
        "ago": "เมื่อวาน|เมื่อวานซืน|วันจันทร์|อาทิตย์ที่แล้ว|สามวันก่อน|เมื่อเช้า|ตั้งแต่วันศุกร์|ต้นเดือน|สิบวันก่อน|5 วันแล้ว",
        "bank": "กสิกร|ไทยพาณิชย์|กรุงเทพ|กรุงไทย|ออมสิน|กรุงศรี|พร้อมเพย์|ttb",
        "shop": "ร้านริมน้ำ|ร้านมุมตึก|ร้านบ้านไม้|ร้านหน้า รพ.|ร้านสวนหลังบ้าน|ร้านแมวส้ม|ร้านชั้นลอย|ร้านต้นจามจุรี|รถเข็นหน้าตลาด|ร้านสองพี่น้อง|ร้านลานจอด|ร้านนั่งเพลิน",
        "mai": "ไหม|มั้ย|หรือเปล่า|ป่ะ|ไหม",
        "much": "เท่าไหร่|เท่าไร|กี่บาท",
        "howto": "ยังไง|อย่างไร|ไง|ยังไง",
        "want": "อยาก|จะ|ขอ|ต้องการ|อยากจะ",
    },
    "en": {
        "place": [t[1].replace("_", " ") for t in _TRIPLES],
        "bean": "Doi Chang|Doi Chang beans|house blend beans|house blend|espresso dark|dark roast|decaf|decaf beans|cold brew roast|cold brew beans",
        "machine": "1-group machine|2-group machine|2 group|single group machine|automatic machine|automatic|1 group espresso machine",
        "gear": "{machine}|grinder|coffee grinder|espresso machine|{machine}",
        "syrup": "vanilla syrup|caramel syrup|hazelnut syrup|strawberry syrup",
        "cup": "12oz cups|16oz cups|8 oz paper cups|paper cups|dome lids|lids for 16oz|22oz cups|hot cups",
        "milk": "oat milk|fresh milk|lactose free milk|barista oat milk|pasteurised milk",
        "qty_bean": "1 kg|2 kg|3kg|5 kg|8 kilos|10 kilos|12kg|20 kg|half a kilo|two bags|3 bags|4 bags|6 bags",
        "qty_syrup": "a bottle|2 bottles|3 bottles|5 bottles|6 bottles|a carton|2 cartons|12 bottles",
        "qty_cup": "500 pcs|1000 pieces|2,000 pcs|a box|2 boxes|3 boxes|6 boxes|10 sleeves|5 packs",
        "qty_milk": "6 cartons|12 cartons|a case|2 cases|4 cases|5 litres|10 litres",
        "qty_gear": "one|2|two|3 units|1 unit",
        "drink": "latte|iced latte|cappuccino|americano|iced americano|mocha|dirty coffee|cold brew|caramel latte|flat white|pour over|espresso tonic|orange coffee|coconut coffee|affogato",
        "part": "group head|steam wand|portafilter|drip tray|hopper|shower screen|water tank|burrs|boiler|water line|milk system|pump|gasket",
        "day": "tomorrow|the day after tomorrow|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|next week|the end of the month|today|this afternoon|this week",
        "ago": "yesterday|two days ago|on Monday|last week|three days ago|this morning|last Friday|ten days ago|5 days ago|at the start of the month",
        "bank": "Kasikorn|SCB|Bangkok Bank|Krungthai|GSB|Krungsri|PromptPay|ttb",
        "shop": "Riverside Cafe|Corner Cup|Orange Cat Coffee|Teak House|the hospital kiosk|Garden Bar|Mezzanine|Rain Tree Cafe|the market cart|Two Sisters|Car Park Coffee",
        "pls": "please|pls|please|plz|thanks|",
    },
    "zh": {
        "place": [t[2] for t in _TRIPLES],
        "bean": "清莱豆|清莱单品豆|拼配豆|深烘豆|意式深烘|低因豆|低因咖啡豆|冷萃豆",
        "machine": "单头机|单头咖啡机|双头机|双头咖啡机|全自动咖啡机|全自动机",
        "gear": "{machine}|磨豆机|咖啡机|{machine}",
        "syrup": "香草糖浆|焦糖糖浆|榛果糖浆|草莓糖浆",
        "cup": "12盎司杯子|16盎司杯子|纸杯|热饮杯|杯盖|22盎司杯",
        "milk": "鲜奶|燕麦奶|无乳糖牛奶|巴氏奶",
        "qty_bean": "一公斤|两公斤|3公斤|5公斤|8公斤|10公斤|二十公斤|半公斤|两包|3包|6包",
        "qty_syrup": "一瓶|两瓶|3瓶|5瓶|六瓶|一箱|2箱|12瓶",
        "qty_cup": "500个|1000个|两千个|一箱|2箱|三箱|六箱|5包",
        "qty_milk": "6盒|12盒|一箱|2箱|四箱|5升|10升",
        "qty_gear": "一台|两台|2台|3台",
        "drink": "拿铁|冰拿铁|卡布奇诺|美式|冰美式|摩卡|脏咖啡|冷萃|焦糖拿铁|澳白|手冲|咖啡汤力|椰子咖啡|阿芙佳朵",
        "part": "冲煮头|蒸汽棒|手柄|接水盘|豆仓|滤网|水箱|刀盘|锅炉|水管|奶路|水泵|密封圈",
        "day": "明天|后天|周一|周二|周三|周四|周五|周六|周日|下周|月底|今天|今天下午|这周",
        "ago": "昨天|前天|周一|上周|三天前|今天早上|上周五|十天前|五天前|月初",
        "bank": "开泰|汇商|盘谷银行|泰京|储蓄银行|大城银行|即时支付",
        "shop": "河边店|街角店|橘猫咖啡|柚木屋|医院门口的店|花园吧|二楼店|雨树咖啡|市场小车|姐妹店",
        "ma": "吗|么|吗|不",
    },
}

GRAMMAR = {"th": {}, "en": {}, "zh": {}}

# ---------------------------------------------------------------- Thai
T = GRAMMAR["th"]
T["delivery"] = """
(ส่ง|จัดส่ง|มีส่ง)(ไป|ที่|ถึง|){place}(ใช้เวลา|)กี่วัน{q}
ส่ง{place}(ได้|){mai}{q}
ค่าส่ง(ไป|){place}(คิด|){much}{q}
ค่าจัดส่ง{supply}ไป{place}คิด{howto}{q}
สั่ง{qty}ส่งฟรี{mai}{q}
(ซื้อ|สั่ง)ครบ(เท่าไหร่|กี่บาท|กี่โล)ถึง(จะ|)ส่งฟรี(ไป{place}|){q}
(เสาร์อาทิตย์|วันหยุด|วันเสาร์|สงกรานต์|ปีใหม่)(มี|)ส่งของ(ไป{place}|){mai}{q}
(ใช้|ส่งกับ)ขนส่ง(อะไร|เจ้าไหน|บริษัทไหน)(ไป{place}|){q}
(มาส่ง|ส่งถึง){place}รอบไหนบ้าง{q}
ตัดรอบส่ง{place}กี่โมง{q}
{gear}ส่ง{place}(ด้วยรถอะไร|คิดค่าส่ง{much}|ต้องรอกี่วัน){q}
(รับของเอง|ไปรับที่โกดัง)ได้{mai}{q}(ไม่ต้องส่ง|)
มีส่งด่วน(ใน|ไป|){place}{mai}{q}
{milk}ส่งแบบแช่เย็น(ไป|ถึง){place}ได้{mai}{q}
ถ้าไม่อยู่(บ้าน|ร้าน)ตอนของมาส่งต้องทำ{howto}{q}
"""
T["returns"] = """
(คืน|เปลี่ยน|คืนหรือเปลี่ยน){item}ได้(ภายใน|)กี่วัน{q}
เปิด(ถุง|กล่อง)แล้วคืน{supply}ได้{mai}{q}
เงื่อนไขการ(คืน|เปลี่ยน)(สินค้า|{item}){howto}{q}
(ขั้นตอน|วิธี)(คืนสินค้า|คืน{item}|เปลี่ยน{item})ต้องทำ{howto}{q}
{item}(แตก|บุบ|เสียหาย|ชำรุด)ตอนส่งเคลมได้{mai}{q}
ได้ของผิดต้องเสียค่าส่งคืน(เอง|){mai}{q}
สั่ง{item}ผิด(รุ่น|ขนาด|รส)เปลี่ยนได้{mai}{q}
(คืนของ|คืน{item})แล้วได้เงิน(คืน|)(ภายใน|)กี่วัน{q}
(ของ|{item})ที่ลดราคาคืนได้{mai}{q}
ไม่ถูกใจรสชาติ{bean}คืนได้{mai}{q}
คืน{item}ต้องใช้(ใบเสร็จ|กล่องเดิม|อะไรบ้าง){mai}{q}
ใครออกค่าส่งถ้าคืน{item}{q}
"""
T["cleaning"] = """
(ล้าง|ทำความสะอาด){part}({gear}|){howto}{q}
(วิธี|ขั้นตอน)ล้าง{part}(ของ{gear}|)(หน่อย|){q}
{gear}ต้อง(ล้าง|ทำความสะอาด)(กี่วันครั้ง|บ่อยแค่ไหน|ทุกวันมั้ย){q}
ล้างตะกรัน{machine}(ทำ|){howto}{q}
(backflush|แบ็คฟลัช|ล้างย้อน){machine}{howto}{q}
ใช้(น้ำยาล้างจาน|น้ำส้มสายชู|ผงล้างหัวชง|เบคกิ้งโซดา)ล้าง{part}ได้{mai}{q}
(นมติด|คราบกาแฟติด|ตะกรันขึ้น|ราขึ้น){part}ล้าง{howto}{q}
ควรเปลี่ยน(ไส้กรองน้ำ|ยางหัวชง|เฟืองบด){gear}(เมื่อไหร่|ทุกกี่เดือน){q}
ถอด{part}มาล้าง{howto}{q}
ปิดร้านแล้วต้องทำความสะอาด{gear}อะไรบ้าง{q}
{part}ล้างทุก(วัน|อาทิตย์|เดือน)พอ{mai}{q}
"""
T["recipes"] = """
(สูตร|ขอสูตร|อยากได้สูตร){drink}(แก้ว 16 ออนซ์|แก้ว 22 oz|หน่อย|){q}
(ทำ|ชง){drink}ใช้กาแฟกี่กรัม{q}
(ทำ|ชง){drink}ด้วย{bean}{howto}{q}
{drink}ใส่{syrup}กี่(ปั๊ม|มิล){q}
{bean}(สกัดกี่วิ|ใช้น้ำกี่องศา|บดเบอร์อะไร|ชงกี่กรัม)(ดี|){q}
อัตราส่วน{drink}(น้ำกับกาแฟ|นมกับกาแฟ|)เท่าไหร่{q}
โคลด์บรูว์(ใช้{bean}|)แช่กี่ชั่วโมง{q}
ทำไม{drink}(เปรี้ยว|ขม|จืด|ฝาด)(จัง|มาก|ไป|){q}
{drink}ใช้{milk}(ได้มั้ย|แทนนมสดได้ไหม|กี่มิล){q}
ตีฟองนม{milk}ให้เนียน{howto}{q}
ช็อตไหลเร็ว(ไป|มาก)กับ{bean}ปรับบด{howto}{q}
"""
T["storage"] = """
(เก็บ|วิธีเก็บ){food}{howto}(ให้อยู่ได้นาน|ไม่ให้เสีย|){q}
{food}(เปิดแล้ว|หลังเปิดถุง|เปิดใช้แล้ว)(เก็บ|อยู่)ได้กี่(วัน|เดือน|อาทิตย์){q}
{food}(ต้อง|)แช่ตู้เย็น(ได้|){mai}{q}
(แช่ฟรีซ|ใส่ช่องแช่แข็ง){bean}ได้{mai}{q}
{food}หมดอายุเมื่อไหร่{q}(ดูตรงไหน|)
{bean}ควรพักกี่วันหลังคั่ว{q}
ร้านร้อนมาก{food}จะเสีย{mai}{q}
ดูวันคั่ว{bean}ตรงไหน{q}
{bean}บดแล้วเก็บได้(กี่วัน|นานแค่ไหน|ในโถบดข้ามคืนไหม){q}
ซื้อ{food}ทีละ{food_qty}เก็บ{howto}ดี{q}
"""
T["warranty"] = """
{gear}(ประกัน|รับประกัน|มีประกัน)(กี่ปี|กี่เดือน|นานแค่ไหน){q}
ประกัน{gear}(ครอบคลุม|รวม){part}{mai}{q}
{part}({gear}|)(พัง|รั่ว|เสีย)อยู่ในประกัน{mai}{q}
(ลงทะเบียน|เช็ค|ต่อ)ประกัน{gear}(ที่ไหน|{howto}){q}
ประกัน{gear}ขาดแล้วซ่อมคิดเงิน{howto}{q}
ซื้อ{gear}มือสองต่อยังมีประกัน{mai}{q}
ใบรับประกัน{gear}หาย(ทำไง|ต้องทำอย่างไร|เคลมได้มั้ย){q}
ให้ช่างข้างนอกซ่อม{gear}ประกันขาด{mai}{q}
เคลมประกัน{gear}ต้อง(ใช้อะไรบ้าง|ทำ{howto}|รอกี่วัน){q}
ในประกัน{gear}มีเครื่องสำรองให้{mai}{q}
"""
T["payment"] = """
(จ่าย|ชำระ|ชำระเงิน)(ผ่าน|ทาง|ด้วย)(บัตรเครดิต|พร้อมเพย์|เงินสด|{bank}|อาลีเพย์|เช็ค|QR)ได้{mai}{q}
(เก็บเงินปลายทาง|COD|จ่ายปลายทาง)(ส่ง{place}|ค่า{item}|)ได้{mai}{q}
ผ่อน{gear}(ได้กี่เดือน|0% ได้มั้ย|ใช้บัตรอะไรได้บ้าง|ยังไง){q}
(โอน|จ่ายเงิน)ค่า{item}เข้าบัญชีไหน{q}
มีค่าธรรมเนียม(บัตร|{bank}|รูดบัตร){mai}{q}
ช่องทางชำระเงิน(ค่า{item}|)มีอะไรบ้าง{q}
ต้องโอนภายในกี่(วัน|ชั่วโมง)หลังสั่ง{item}{q}
สั่ง{item}(ต้อง|)มัดจำ{much}{q}
แบ่งจ่ายค่า{gear}เป็น(2|3|สอง|สาม)งวดได้{mai}{q}
เครดิต(เทอม|)กี่วันสำหรับร้านที่{place}{q}
สั่ง{item}จ่ายทีหลังได้{mai}{q}
"""
T["tax_invoice"] = """
(ขอ|ออก)ใบกำกับภาษี(ค่า{item}|){howto}{q}
ใบกำกับ(ภาษี|)(ค่า{item}|)ออกให้(ภายใน|)กี่วัน{q}
ออกใบกำกับย้อนหลัง(ค่า{item}|ของเดือนที่แล้ว|)ได้{mai}{q}
ขอใบกำกับเต็มรูป(ค่า{item}|)ต้อง(ส่ง|ใช้)(ข้อมูล|เอกสาร)อะไรบ้าง{q}
(มี|ออก)e-tax (invoice |)(ค่า{item}|){mai}{q}
ชื่อในใบกำกับ(ค่า{item}|)ผิดแก้{howto}{q}
หัก ณ ที่จ่ายค่า{gear}(3%|ได้มั้ย|ยังไง|ส่งเอกสารที่ไหน){q}
ราคา{item}รวม vat {mai}{q}
บุคคลธรรมดาขอใบกำกับค่า{item}ได้{mai}{q}
ใบกำกับค่า{item}ส่งมากับของ{mai}{q}
"""
T["training"] = """
(คอร์ส|เรียน|อบรม)บาริสต้า(สอนอะไรบ้าง|กี่ชั่วโมง|กี่วัน|มีใบเซอร์มั้ย|เรียนที่ไหน|ต้องมีพื้นฐานไหม|รับกี่คน){q}
(คอร์ส|อบรม)(บาริสต้า|ลาเต้อาร์ต|ชงกาแฟ)(จัดที่|มีที่|มีสอนที่){place}{mai}{q}
ซื้อ{machine}แล้วได้เรียน(ชงกาแฟ|บาริสต้า|)ฟรี{mai}{q}
มาสอนที่ร้านใน{place}ได้{mai}{q}
เรียนบาริสต้า(วัน{dow}|)ต้องจองล่วงหน้ากี่วัน{q}
คอร์ส(เบื้องต้น|ขั้นสูง|ลาเต้อาร์ต|เปิดร้าน|ดริป)(เรียนกี่วัน|ต่างจากคอร์สอื่นยังไง|ราคารวมวัตถุดิบไหม|สอนทำ{drink}ด้วยไหม){q}
(พนักงาน|ลูกน้อง|เด็กที่ร้าน) (2|3|4|5|6) คนเรียนพร้อมกันได้{mai}{q}
ในคอร์สใช้{machine}หรือเครื่องแบบไหน{q}
คอร์สบาริสต้าสอนล้าง{part}ด้วย{mai}{q}
"""
T["wholesale"] = """
(ราคาส่ง|เรทส่ง|ราคาขายส่ง){supply}(เริ่มที่เท่าไหร่|ขั้นต่ำเท่าไหร่|ต้องสั่งกี่ชิ้น|เริ่มที่กี่ลัง){q}
(เงื่อนไข|ข้อกำหนด)(ขายส่ง|ราคาส่ง|ตัวแทน|ลูกค้าส่ง)(ใน{place}|ของ{supply}|){howto}{q}
เปิดร้านใหม่ที่{place}ได้ราคาส่ง{supply}{mai}{q}
สั่ง{supply}เดือนละเท่าไหร่ถึงได้ราคาส่ง{q}
(เป็นตัวแทน|รับไปขายต่อ)(ที่|ใน){place}ต้องทำ{howto}{q}
ลูกค้าส่ง{supply}ได้เครดิตกี่วัน{q}
(โรงแรม|ออฟฟิศ|ร้านอาหาร|รีสอร์ท)ที่{place}ซื้อราคาส่งได้{mai}{q}
(สกรีนโลโก้|พิมพ์โลโก้)บน{cup}ขั้นต่ำกี่ใบ{q}
รับทำแบรนด์{bean}(OEM|ของตัวเอง|)ขั้นต่ำ{much}{q}
"""
T["installation"] = """
ติดตั้ง{machine}(ต้องเตรียมอะไรบ้าง|ใช้เวลานานไหม|ต้องเดินน้ำยังไง|ใช้ไฟกี่แอมป์|ใช้พื้นที่เท่าไหร่|ฟรีมั้ย){q}
{machine}ใช้ไฟ(กี่วัตต์|บ้านได้ไหม|กี่โวลต์|กี่แอมป์){q}
{machine}(ต้องต่อน้ำตรง|ใช้ถังน้ำได้|ต้องมีกรองน้ำ|ต้องมีท่อน้ำทิ้ง){mai}{q}
เคาน์เตอร์(สูง|ลึก|กว้าง) (50|55|60|70|80|90) ซม.วาง{machine}ได้{mai}{q}
ค่าติดตั้ง{machine}(ที่|ใน){place}{much}{q}
ติดตั้ง{machine}บน(รถเข็น|รถฟู้ดทรัค|ชั้นลอย|คีออส)ได้{mai}{q}
ย้ายร้านไป{place}ต้องติดตั้ง{machine}ใหม่{howto}{q}
น้ำบาดาล(ที่{place}|)ใช้กับ{machine}ได้{mai}{q}
"""
T["points"] = """
แต้ม(สะสม|)(ใช้ยังไง|หมดอายุเมื่อไหร่|แลกอะไรได้บ้าง|คิดยังไง|โอนให้คนอื่นได้ไหม|ได้ตอนไหน){q}
(ซื้อ|สั่ง){item}ได้แต้ม{mai}{q}
(ซื้อ|สั่ง){item}{item_qty}ได้กี่แต้ม{q}
แต้มแลก{item}ได้{mai}{q}
(กี่แต้ม|ใช้กี่แต้ม)ถึงแลก{supply}ได้{q}
คืน{item}แล้วแต้มหาย{mai}{q}
ราคาส่ง{supply}ยังได้แต้มอยู่{mai}{q}
"""
T["track"] = """
{order}(ถึงไหนแล้ว|ส่งหรือยัง|ของอยู่ไหน|จะได้วันไหน|ออกจากโกดังยัง|สถานะอะไรแล้ว){q}
(เช็ค|ตาม|ขอเช็ค|ช่วยเช็ค|ติดตาม)(ออเดอร์|พัสดุ|ของ|สถานะ|คำสั่งซื้อ|เลข) {order} (ให้หน่อย|หน่อย|ที|){p}
(ออเดอร์|คำสั่งซื้อ|เลขที่) {order} (ถึงไหนแล้ว|ยังไม่ได้รับเลย|จะถึงกี่โมง|ส่งวันไหน){q}
{item}ที่สั่ง(ไว้|)(ไป|){ago}(ถึงไหนแล้ว|ส่งยัง|ยังไม่มา|จะมาวันไหน){q}
ของ{shop}(ถึงไหนแล้ว|จะมาส่งกี่โมง|ออกยัง){q}
ขอเลขพัสดุ {order} (หน่อย|ด้วย|){p}
สั่ง{item}{item_qty}ไป{ago}ของยังไม่ถึง{place}เลย{p}
{order} จะถึง{place}(วันไหน|กี่โมง|ทัน{day}ไหม){q}
(รถส่งของ|คนส่ง|ขนส่ง)(ถึง{place}ยัง|อยู่แถวไหนแล้ว|จะเข้ามากี่โมง){q} {order}
สั่ง{ago} เลข {order} ส่งของให้ยัง{q}
(ตามของ|ตามพัสดุ)หน่อย{p} {item} {item_qty} (ลงชื่อ|ของ|ส่ง){shop}
{order}
"""
T["cancel"] = """
(ยกเลิก|แคนเซิล|{want}ยกเลิก|ขอแคนเซิล)(ออเดอร์|คำสั่งซื้อ|รายการ|) {order} {p}
{want}ยกเลิก{item}(ที่สั่ง{ago}|{item_qty}|){p}
ไม่เอา{item}แล้ว ยกเลิกให้(หน่อย|ที|ด้วย){p}
(สั่งซ้ำ|กดผิด|สั่งผิด|เปลี่ยนใจ|ร้านปิด|ได้จากที่อื่นแล้ว) ยกเลิก {order} (ให้หน่อย|ได้มั้ย|ที|ด้วย){p}
{order} (ยังไม่ส่งใช่ไหม|ยังไม่ได้จ่าย) {want}ยกเลิก{p}
ยกเลิกเฉพาะ{item}ใน {order} ได้{mai}{q}
{order} ลด{supply}เหลือ{qty}{p}
ไม่รับของ {order} แล้ว{p}
ยกเลิกออเดอร์ของ{shop}(วันนี้|เมื่อวาน|ทั้งหมด|)ให้หน่อย{p}
"""
T["address"] = """
(เปลี่ยน|แก้|ขอเปลี่ยน|ขอแก้|{want}เปลี่ยน)ที่อยู่(จัดส่ง|ส่งของ|) {order} (เป็น{place}|ไป{shop}|หน่อย|){p}
{order} (เปลี่ยนไปส่ง|ส่งไป|ขอให้ส่ง)(ที่|){place}แทน{p}
ย้ายร้านไป{place}แล้ว (เปลี่ยน|แก้)ที่อยู่ให้(หน่อย|ด้วย|ที){p}
ส่ง{item}ไปที่{shop} {place} (แทน|แทนที่เดิม)ได้{mai}{q}
ใส่ที่อยู่ผิด{p} {order} ต้องเป็น (บ้านเลขที่|เลขที่) {house} {place}
ที่อยู่ใหม่ {house} (ถ.ริมคลอง|ซ.{soi}|หมู่ {moo}) {place} (ของ {order}|เปลี่ยนให้ด้วย){p}
(แก้|เปลี่ยน)เบอร์ผู้รับ {order} เป็น {phone} {p}
{order} ฝากไว้(ป้อมยาม|ร้านข้างๆ|หน้าบ้าน|{shop}){n}
เพิ่มที่อยู่(สาขา|ร้าน|){place} (อีกที่|ในบัญชี|){p}
เปลี่ยนวันส่ง {order} เป็น{day}{p}
เปลี่ยนที่ส่งทันไหม{q} {order} จะไป{place}
"""
T["price"] = """
{item}(ราคา|){much}{q}
{item}{item_qty}{much}{q}
(ขอราคา|ราคา|เช็คราคา|ขอเรท){item}(หน่อย|{item_qty}|ตอนนี้|){p}
{item}(กับ|และ){item}ราคาต่างกัน{mai}{q}
(ขอใบเสนอราคา|เสนอราคา){item}{item_qty}(ส่ง{place}|){p}
{machine}(ตัวถูกสุด|ตัวท็อป|รุ่นใหม่|มือสอง|){much}{q}
ถ้าเอา{item}{item_qty} (ลดได้มั้ย|คิดเท่าไหร่|เหลือกี่บาท){q}
{supply}{qty} รวม{supply}{qty} (เท่าไหร่|รวมกี่บาท){q}
{supply}(ขึ้นราคา|ปรับราคา)(แล้วเหรอ|ไหม|หรือยัง){q}
(ถุง|ขวด|ลัง|แพ็ค|ชิ้น)ละเท่าไหร่{q} {supply}
งบ {budget} ได้{machine}ตัวไหน{q} ขอราคา(ด้วย|หน่อย|)
"""
T["stock"] = """
{item}(มีของ|มีสต็อก|มี|เหลือ|ยังมี|พร้อมส่ง){mai}{q}
{item}(หมดยัง|หมดหรือยัง|เข้าวันไหน|จะเข้าเมื่อไหร่|ของเข้ายัง){q}
(มี|เหลือ){item}(ถึง|พอ|){item_qty}{mai}{q}
(เช็คสต็อก|เช็คของ|ดูสต็อก){item}(ให้หน่อย|{item_qty}|หน่อย|ที่{place}|){p}
{item}(ล็อตใหม่|ล็อตนี้)(มายัง|เหลือเยอะไหม|มีกี่ถุง){q}
(อยาก|ต้องการ|)ได้{item}{item_qty} มี(พร้อมส่ง|ของ){mai}{q}
{item}(เหลือเท่าไหร่|เหลือกี่อัน){q} (เอา{item_qty}|จะเอา{day}|)
ถ้า{item}เข้าแล้ว(บอกด้วย|แจ้งหน่อย|ทักมานะ){p}
จอง{item}{item_qty}ไว้ก่อนได้{mai}{q}
"""
T["recommend"] = """
(แนะนำ|ช่วยแนะนำ|ขอคำแนะนำ)(เมล็ด|เมล็ดกาแฟ|กาแฟ)(ทำ|สำหรับ|ชง){drink}(หน่อย|ที|){p}
(ทำ|ขาย){drink}ใช้(เมล็ดตัวไหน|เมล็ดอะไร|ตัวไหน)ดี{q}
(ร้านเล็ก|ร้านใหม่|ออฟฟิศ|คีออส|รถเข็น|รีสอร์ท|{shop})(ที่{place}|)ใช้{machine}หรือ{machine}ดี{q}
ขายวันละ {cups} แก้ว (ใช้เครื่องรุ่นไหน|แนะนำเครื่องไหน|เอาเครื่องแบบไหน)ดี{q}
งบ {budget} (แนะนำเครื่องหน่อย|ได้เครื่องอะไร|เครื่องกับบดตัวไหนดี){q}
ชอบ(เปรี้ยว|ขม|หอม|กลมกล่อม|ไม่เปรี้ยว|กลิ่นผลไม้|เข้มๆ|ช็อกโกแลต) (เอาตัวไหนดี|แนะนำหน่อย|เมล็ดไหนเหมาะ|ทำ{drink}ใช้ตัวไหน){q}
{bean}กับ{bean}(ตัวไหน|อันไหน)(ดีกว่า|เหมาะกับ{drink}|ขายดีกว่า|เข้ากับนมกว่า){q}
{syrup}หรือ{syrup}(เข้ากับ|เหมาะกับ){drink}กว่า{q}
ลูกค้า(ไม่กินขม|แพ้นม|กินคาเฟอีนไม่ได้|เป็นวัยรุ่น|เป็นผู้ใหญ่|เป็นฝรั่ง)มี{supply}ตัวไหนแนะนำ{mai}{q}
เครื่องบดคู่กับ{machine}(ใช้ตัวไหน|แนะนำตัวไหน|เอาแบบไหน)ดี{q}
"""
T["broken"] = """
{gear}(เสีย|พัง|ไม่ทำงาน|เปิดไม่ติด|น้ำรั่ว|ไม่ร้อน|แรงดันตก|เสียงดัง|ค้าง|ตัดไฟ|มีกลิ่นไหม้|น้ำไม่ออก)({ago}|){p}
{gear}ที่{shop}(เสีย|น้ำรั่ว|เปิดไม่ติด|ไม่ร้อน|ดับ){p}
{part}(รั่ว|ตัน|แตก|หลวม|ไม่ทำงาน|ไหม้|หลุด|น้ำหยด)(ตั้งแต่{ago}|ทำไงดี|){q}
{part}{machine}(รั่ว|ตัน|แตก|ไม่ทำงาน|น้ำหยด){p} (ร้านหยุดแล้ว|ช่วยด้วย|เร่งหน่อย|)
{machine}ขึ้น (E{err}|error {err}|ไฟแดง|ไฟกระพริบ|err {err}) {p}
{machine}ขึ้น E{err} (ทำไงดี|ใช้ไม่ได้เลย|กดรีเซ็ตแล้วไม่หาย|ปิดเปิดแล้วยังขึ้น){q}
(สตีมไม่มีแรง|สตีมนมไม่ร้อน|ไอน้ำอ่อน|กาแฟไม่ไหล|กาแฟไหลช้ามาก|น้ำไม่ดูด) {machine} {p}
เครื่องบด(ติด|ไม่หมุน|บดไม่ออก|ร้อนมาก|เสียงเหมือนมีหิน|บดหยาบตลอด) ({ago}|เพิ่งซื้อ{ago}|){p}
ซื้อ{gear}มา{ago} (ใช้ไม่ได้แล้ว|เสียอีกแล้ว|เปิดไม่ติด){p}
{gear}ช็อต(ไฟ|)(ตัดทั้งร้าน|เบรกเกอร์ทริป|ไม่กล้าใช้){p} ทำไงดี
"""
T["visit"] = """
(นัด|จอง|เรียก|ขอ|ขอนัด)ช่าง(มาดู|มาซ่อม|เช็ค|ล้าง|เซอร์วิส){gear}({day}|ที่{place}|){p}
(นัด|จอง)(เซอร์วิส|บำรุงรักษา|ล้างเครื่อง)(วัน|){day} (ที่{place}|{clock}|){p}
ช่างเข้า{shop}{day}ได้{mai}{q}
ช่างว่าง{day} {clock} {mai}{q}
(เลื่อนนัดช่าง|เปลี่ยนวันช่าง|ขอเลื่อนช่าง)เป็น{day} {clock} {p}
ให้ช่างมาเปลี่ยน{part}(ที่{shop}|ที่{place}|{day}|){p}
ช่าง(จะมา|จะถึง|เข้า){shop}กี่โมง{q}
(ตรวจเช็ค|เซอร์วิส){machine}(ประจำปี|6 เดือน|ตามรอบ)ที่{place} จอง{day}{p}
"""
T["refund"] = """
(ขอ|{want})เงินคืน {order} {p}
(คืนเงิน|รีฟันด์) {order} (ให้หน่อย|ได้ไหม|เข้าบัญชี{bank}|ด้วย){p}
(เงินคืน|ยอดคืน|รีฟันด์)(ของ|) {order} (เข้ายัง|ยังไม่เข้า|เข้าวันไหน|ได้กี่บาท){q}
ยกเลิกไป{ago} เงินยังไม่คืน(เลย|) {order} {p}
ขอเงินคืนค่า{item} {item_qty} (ของไม่ครบ|ของเสีย|ส่งผิด|โอนเกิน){p}
โอนเกินไป {amount} บาท ขอคืน(ด้วย|หน่อย|){p}
คืนเงินเข้า{bank}(แล้วยัง|ได้ไหม|กี่วัน){q} {order}
{item}ส่งมาไม่ครบ ขอเงินคืนส่วนที่ขาด{p} ({order}|)
ตัดเงินสองรอบ {amount} บาท คืนให้ด้วย{p} (ค่า{item}|{order}|)
"""
T["slip"] = """
(โอนแล้ว|จ่ายแล้ว|โอนให้แล้ว){p} {amount} (บาท|) {order}
(ส่งสลิป|แนบสลิป|สลิป)(ให้แล้ว|แล้ว|) {order} {p}
โอน{bank} {amount} (ตอน {clock}|เมื่อกี้|{ago}|) (เช็คให้หน่อย|ได้รับยัง|){q}
(เช็คยอด|ตรวจสลิป|ยืนยันยอด) {amount} (ของ {order}|จาก{bank}|ให้หน่อย){p}
ส่งสลิปไปแล้ว(ทำไมยังขึ้นรอชำระ|ยังไม่ยืนยัน|เช็คหรือยัง){q} {order}
โอนค่า{item}แล้ว {amount} {p}
สลิปส่งทางไหน{q} โอน{bank}ไป {amount}
โอนผิดยอด{p} {order} ขาดอีก {amount}
"""
T["promotion"] = """
(มีโปร|มีโปรโมชั่น|มีส่วนลด)({item}|เดือนนี้|อะไรบ้าง|วันนี้)({mai}|ไหม){q}
{item}(ลดราคา|มีโปร|มีส่วนลด|มีแถม){mai}{q}
โปร{item}(หมดวันไหน|ยังอยู่ไหม|คืออะไร|เงื่อนไขยังไง){q}
(โค้ด|โค้ดส่วนลด|คูปอง) {code} (ใช้ไม่ได้|ใช้กับ{item}ได้ไหม|หมดอายุยัง|ลดเท่าไหร่){q}
ซื้อ{supply}{qty}แถมอะไร{mai}{q}
ขอโค้ดส่วนลด{item}(หน่อย|ได้มั้ย|){p}
(โปร 11.11|โปรสิ้นเดือน|โปรวันแม่|โปรเปิดร้านใหม่|โปรปีใหม่)(มี{item}|ลด{item}|)(ไหม|ด้วยรึเปล่า){q}
"""
T["account"] = """
{want}เปิดบัญชี(ลูกค้า|ร้านค้า|ขายส่ง|สมาชิก|)(ของ{shop}|ร้านที่{place}|){p}
(สมัคร|{want}สมัคร)(สมาชิก|ลูกค้าส่ง|บัญชีร้าน|บัญชีใหม่)(ให้{shop}|ที่{place}|หน่อย|){p}
เปิดบัญชีให้{shop} {place} (หน่อย|ที|ได้เลยไหม|){p}
ลงทะเบียน(ร้าน|ลูกค้า)ใหม่ ชื่อ{shop} (อยู่{place}|เบอร์ {phone}|){p}
ร้านใหม่ที่{place} {want}(สมัคร|เปิดบัญชี)(สั่งของ|ราคาส่ง|){p}
{want}เป็นลูกค้าใหม่{p} ร้านอยู่{place}
"""
T["human"] = """
(ขอ|{want})(คุยกับ|ติดต่อ|สาย)(คน|เจ้าหน้าที่|แอดมิน|พนักงาน|ฝ่ายขาย|ฝ่ายบัญชี|ช่าง|ผู้จัดการ|เซลส์|หัวหน้า)(จริงๆ|หน่อย|ด่วน|โดยตรง|){p}
(ไม่คุยกับบอท|เบื่อบอท|บอทไม่เข้าใจ|ตอบไม่ตรง) (ขอคน|ขอแอดมิน|เอาคนมาตอบ|ขอเจ้าหน้าที่){p}
(โทรกลับ|ให้คนโทรหา|โทรหา)(หน่อย|ที|ด้วย){p} {phone}
(มีคนอยู่มั้ย|มีแอดมินไหม|แอดมินอยู่ป่าว|ใครอยู่บ้าง){q}
ให้เซลส์(เขต|ที่ดูแล|แถว){place}(ติดต่อกลับ|โทรมา|ทักมา)หน่อย{p}
ขอเบอร์(ช่าง|ฝ่ายขาย|ฝ่ายบัญชี|ผู้จัดการ)(เขต{place}|หน่อย|ด่วน|){p}
เรื่อง {order} ขอคุยกับ(คน|แอดมิน|ผู้จัดการ)(ดีกว่า|หน่อย|){p}
"""
T["complaint"] = """
(แย่มาก|ห่วยมาก|ผิดหวังมาก|ไม่โอเคเลย|เสียความรู้สึก)(เลย|){p} {item}(ส่งช้า|แตกหมด|ไม่ตรงปก|คุณภาพตก|ส่งผิดอีกแล้ว)
{food}(รอบนี้|ล็อตนี้|ล่าสุด)(แย่มาก|กลิ่นไม่ดี|ไม่เหมือนเดิม|คุณภาพตก|มีตำหนิ|เก่ามาก){p}
(พนักงานส่งของ|ช่าง|แอดมิน|คนรับสาย|เซลส์)(พูดจาไม่ดี|ไม่สุภาพ|มาสาย|ไม่มาตามนัด|โยนของ|หายไปเลย){p} ({order}|{place}|)
สั่ง{item}ได้{item} (แบบนี้ไม่ไหว|ทำงานกันยังไง|ครั้งที่สองแล้ว){p}
รอ{item}ตั้งแต่{ago} (ไม่มีใครตอบ|ร้านจะเจ๊งแล้ว|เมื่อไหร่จะได้){p}
{want}ร้องเรียน(เรื่อง {order}|เรื่อง{item}|ช่าง|คนส่งของ{place}|การบริการ){p}
(บริการ|ระบบ|ขนส่ง)(แย่ลงทุกวัน|ไม่ไหวแล้ว|ช้ามาก) {order} (ไม่สั่งอีกแล้ว|ใครรับผิดชอบ|){p}
{cup}(บุบ|รั่ว|เบี้ยว|ขึ้นรา)(ทั้งลัง|เกือบครึ่ง|ตั้งหลายใบ){p} ลูกค้าด่าหมด
{milk}(บูด|แตกมัน|ใกล้หมดอายุ|หกมาทั้งลัง)(อีกแล้ว|ตอนมาถึง|){p} (เสียหายใครจ่าย|แย่จริงๆ|)
"""
T["greeting"] = """
(สวัสดี|หวัดดี|ดี|สวัสดีตอนเช้า|อรุณสวัสดิ์|สวัสดีตอนบ่าย|hello|hi|ฮัลโหล|ทักทาย){p}(แอดมิน|น้อง|พี่| บ้านกาแฟ| Sala|ทีมงาน|)( 😊| 🙏| ☕|~|!|)
(สวัสดี|หวัดดี|ดี){p} {shop}เอง{p}
(มีใครอยู่ไหม|ว่างไหม|ทักหน่อย|ขอสอบถามหน่อย|สอบถามได้ไหม){q}(แอดมิน|พี่|น้อง|)( 😊|)
"""
T["thanks"] = """
(ขอบคุณ|ขอบคุณมาก|ขอบคุณมากๆ|ขอบใจ|ขอบพระคุณ|แต๊ง|thank you|thx){p}(แอดมิน|น้อง|พี่|ทีมช่าง|)( 🙏| 😊| ❤️|!|~|)
(โอเค|ได้เลย|เข้าใจแล้ว|รับทราบ|เรียบร้อย|เยี่ยม){p} (ขอบคุณ|ขอบคุณมาก|ขอบใจ){n}( 🙏| 👍|)
(ได้{item}แล้ว|{gear}หายแล้ว|ของถึงแล้ว) ขอบคุณ(มาก|){p}
"""
T["goodbye"] = """
(บาย|บ๊ายบาย|ไปก่อน|แค่นี้|ไว้คุยกัน|เจอกัน|ลาก่อน|ไว้ทักใหม่|ฝันดี){n}( 👋| 😊|~|)
(ไม่มีอะไรแล้ว|หมดคำถามแล้ว|แค่นี้แหละ|เท่านี้ก่อน|ไว้สั่งใหม่){p} (บาย|ไปก่อน|สวัสดี|เจอกัน{day}|ไว้เจอกัน|){n}
"""
T["chatter"] = """
(วันนี้|พรุ่งนี้|{day})(ฝนจะตก|อากาศร้อน|หนาว|รถติด|ฝุ่นเยอะ)(ที่|แถว|){place}{mai}{q}
(หวยงวดนี้|หวย|เลขเด็ด)(ออกอะไร|มีเลขเด็ดไหม|ซื้อเลข {two} ดีไหม){q}
(เล่า|ขอ)(นิทาน|เรื่องตลก|มุกจีบสาว|เรื่องผี|มุกเสี่ยว)(เกี่ยวกับ{place}|เกี่ยวกับ{drink}|ให้ฟังหน่อย|สักเรื่อง){p}
(บอลคืนนี้|บอลไทย|แมตช์{day})(ใครชนะ|เตะกี่โมง|ดูช่องไหน){q}
เที่ยว{place}(ไปไหนดี|กินอะไรดี|พักที่ไหนดี|เดือนไหนสวย|ขับรถกี่ชั่วโมง){q}
(ร้านข้าวซอย|ร้านส้มตำ|หมูกระทะ|ก๋วยเตี๋ยวเรือ|ชาบู)(อร่อยๆ|เจ้าดัง|ถูกๆ|)(ใน|แถว){place}(ร้านไหน|มีมั้ย|แนะนำหน่อย){q}
(เหงาจัง|เบื่องาน|อกหัก|ง่วงมาก|ปวดหัว|เพิ่งทะเลาะกับแฟน)(เลย|) (ทำไงดี|คุยเป็นเพื่อนหน่อย|กิน{drink}จะหายไหม|วันนี้|){q}
(คุณเป็นบอทเหรอ|เธอชื่ออะไร|อายุเท่าไหร่|มีแฟนยัง|กินข้าวยัง|ชอบกิน{drink}ไหม|นอนบ้างมั้ย){q}
({two} คูณ {two}|{two} บวก {amount}|รากที่สองของ {two})(ได้|)เท่าไหร่{q}
(แปล|ช่วยแปล)คำว่า(รัก|กาแฟ|คิดถึง|{drink}|ลูกแมว|อร่อย)เป็นภาษา(ญี่ปุ่น|จีน|เกาหลี|ลาว|ฝรั่งเศส)(หน่อย|ที){p}
(ราคาทอง|ค่าเงินดอลลาร์|ราคาน้ำมัน|ราคายาง)({day}|วันนี้)(เท่าไหร่|ขึ้นไหม|ลงไหม){q}
ดวงราศี(เมษ|พฤษภ|เมถุน|กรกฎ|สิงห์|กันย์|ตุล|พิจิก|ธนู|มังกร|กุมภ์|มีน)({day}|)(เป็นไง|เรื่องความรัก|เรื่องงาน|เรื่องเงิน){q}
(หมา|แมว|ลูก|เพื่อน|แฟน)(ที่บ้าน|)(ไม่ยอมกินข้าว|เลียแก้ว{drink}|นอนทั้งวัน|ชอบ{place}|ร้องทั้งคืน) (ทำไงดี|แปลกไหม|เป็นอะไร){q}
"""

# ---------------------------------------------------------------- English
E = GRAMMAR["en"]
E["delivery"] = """
How long (does|will) (delivery|shipping|a parcel) to {place} take?
how long to {place}( for {supply}|)?
do you (deliver|ship|send) to {place}( on weekends| by cold truck|)?
(What is|How much is|what's) the (shipping|delivery) (fee|cost|charge) to {place}( for {qty}|)?
is (delivery|shipping) free (for|if I order|over) {qty}( of {supply}|)?
What's the minimum (order|spend) for free (delivery|shipping)( to {place}|)?
Which (courier|carrier|delivery company) do you use( for {place}|)?
Do you deliver on (Saturdays|Sundays|public holidays|Songkran|new year)( in {place}|)?
how is (the|a) {gear} (shipped|sent|delivered) to {place}?
What time is the cut-off for (same|next) day (delivery|dispatch)( to {place}|)?
Can I (pick up|collect) (my order|{supply}) (from the warehouse|myself)( instead|)?
how many days (for|to get) {supply} (to|in) {place}?
what happens if nobody is (home|at the shop) (when you deliver|for the delivery)?
Is {milk} (kept cold|delivered chilled|ok) on the way to {place}?
"""
E["returns"] = """
(What is|what's) your return policy( for {item}| on opened bags|)?
Can I return {supply} (after opening|if I don't like it|if the bag is open|without the box|after a month)?
How many days do I have to (return|exchange) {item}?
how do i (return|exchange|send back) {item}?
who pays (the shipping|for shipping) (if I return|when I send back) {item}?
what if {item} (arrives|comes|turns up) (broken|damaged|crushed|wrong)?
can (I|we) exchange {supply} for {supply}?
Do I need the (receipt|original box|invoice) to return {item}?
how long does a refund take after (I return|returning) {item}?
Are (sale|discounted|promo) items like {supply} returnable?
"""
E["cleaning"] = """
How (do I|should I|do you) clean the {part}( on the {gear}| of my {gear}|)?
How often should (I|we) (clean|descale|wash|replace) the {part}?
how to (descale|backflush|clean) (a|the|my) {machine}?
can i use (vinegar|dish soap|baking soda|citric acid|bleach) (on|to clean) the {part}?
What's the (daily|weekly|monthly) cleaning routine for (a|the) {gear}?
there is (old coffee|milk|limescale|mould) in the {part}, how do I (clean it|get it out|remove it)?
steps to (backflush|descale|deep clean) the {machine} {pls}
What cleaning powder (should I use|works) for the {part}?
When (should|do) I change the (water filter|gasket|burrs) (on|in) the {gear}?
how do you take off the {part} (for cleaning|to wash it)( on a {machine}|)?
"""
E["recipes"] = """
(What's|do you have|can you share|i need) (a|the|your) recipe for (a |){drink}( in a 16oz cup| with {milk}|)?
How many grams of coffee for (a |an |){drink}?
how do (I|you) make (a good |an |){drink} with {bean}?
What (ratio|dose|brew time) for {drink}( with {bean}|)?
how many pumps of {syrup} (go in|for) (a|an) {drink}?
What (grind|temperature|dose|shot time) (should I use|is best|works) for {bean}?
why is my {drink} (so |too |)(sour|bitter|watery|weak)?
how long (do I|should I) steep {bean} for cold brew?
Can I use {milk} (for|in) (a |an |){drink}?
how to steam {milk} (for latte art|so it is silky|without big bubbles)?
my shots with {bean} run too (fast|slow), how should I adjust the grind?
"""
E["storage"] = """
How (should I|do I|to) store {food}( in a hot shop| after opening|)?
how long (does|will|do) {food} (keep|last|stay fresh)( after opening|)?
(Do I need|is it necessary) to refrigerate {food}?
should (I|we) keep {food} in the fridge( after opening|)?
can (I|you) freeze {bean}?
What's the shelf life of {food}?
where (is|do I find|can I see) the (expiry|best before) date on {food}?
where (is|do I find|can I see) the roast date on {bean}?
How many days should {bean} rest after roasting?
is it ok to leave {bean} in the hopper overnight?
If I buy {food_qty} of {food} at once, how do I keep it fresh?
"""
E["warranty"] = """
How long is the warranty on (the|a) {gear}?
Does the warranty (cover|include) the {part}( on the {gear}|)?
Is a (broken|leaking|cracked|worn) {part} (covered|under warranty)( on the {gear}|)?
how do I (register|check|extend|claim) the warranty (for|on) my {gear}?
what voids the warranty (of|on) (a|the) {gear}?
I lost the warranty card for my {gear}, (what now|can I still claim|is that a problem)?
do you give a loan machine while (the|my) {gear} is (in repair|under warranty repair)?
what (documents|proof) do I need for a warranty claim on the {gear}?
Is labour included in the {gear} warranty( in {place}|)?
"""
E["payment"] = """
(Can I|can we|is it possible to) pay (by|with) (credit card|PromptPay|cash|{bank}|Alipay|cheque|QR)( for {item}|)?
do you (accept|offer|do) (cash on delivery|COD)( to {place}| for {supply}|)?
Can I pay for (the|a) {gear} in (instalments|3 months|6 months|10 months|two parts)?
which bank account do I (transfer|pay) to( for {item}|)?
Is there a (surcharge|fee) (for|on) (card|{bank}|foreign card) payments?
What payment methods (do you accept|are there)( for {item}|)?
how much deposit (for|do I pay on) (a|the) {gear}?
how many (hours|days) do I have to pay after ordering {item}?
Do you give credit terms to (cafes|hotels|restaurants|shops) in {place}?
"""
E["tax_invoice"] = """
How (do I|can I|to) (get|request) a (full |)tax invoice( for {item}|)?
how long does (a|the) tax invoice( for {item}|) take?
What (details|info|documents) do you need for a tax invoice( for {item}|)?
Can you issue a tax invoice for (last month|an old order|{supply} bought last year|a private person)?
do you (have|do|send) e-tax invoices( for {item}|)?
Does the price of {item} include VAT?
how do I correct (the name|the tax ID|the address) on my tax invoice( for {item}|)?
how does withholding tax work (for|on) (the {gear}|a service visit|training|{supply})?
"""
E["training"] = """
(What|what exactly) (do you teach|is covered) in the (barista|latte art|beginner|advanced) (course|training)?
How (long|many hours|many days) is the (barista|latte art|beginner|advanced|brewing) (course|training|class)?
Is (barista |)training (free|included) (if I buy|with) (a|the) {machine}?
can the trainer come to (our shop|my cafe) in {place}?
do you (hold|have|run) (barista|latte art) (classes|training) in {place}?
How many (people|staff) can join (one|a) (barista|latte art|beginner) (class|course|training day)?
Is the (barista|latte art) (course|class) in (English|Thai|Chinese)( or English|)?
do we get a certificate after the (barista|latte art|advanced) (course|training)?
How far ahead (must|should|do) I book (barista training|a class|the course)( in {place}|)?
Will we learn to make (a |){drink} in the (barista|beginner|advanced) course?
which {machine} do you use in (training|the course)?
"""
E["wholesale"] = """
What are (your|the) wholesale terms( for {supply}| for {place}|)?
How many kilos (of {bean} |)(for|to get) wholesale price?
What's the minimum (order|quantity) for wholesale {supply}?
how (do|can) I become a (dealer|reseller|distributor) in {place}?
do (hotels|offices|restaurants|resorts) in {place} (get|qualify for) wholesale prices?
What credit terms do wholesale (customers|accounts) get( in {place}|)?
can you print our logo on {cup}, what's the minimum?
do you do private label (for|with) {bean}?
Is there a wholesale discount if I (take|buy) {qty} of {supply} every month?
"""
E["installation"] = """
What do I need to prepare (for|before) installing (a|the) {machine}?
does the {machine} need (a water line|a drain|a water filter|its own breaker|special power)?
How many (watts|amps|volts) (does|for) the {machine}( use| need|)?
Is installation (free|included) (with|for) (a|the) {machine}( in {place}|)?
how much space does (a|the) {machine} need( on the counter|)?
can (a|the) {machine} (run|be installed) (on a cart|in a food truck|on the second floor|with a water tank|with well water)?
How long does it take to install (a|the) {machine}( in {place}|)?
we are moving to {place}, how does reinstalling the {machine} work?
"""
E["points"] = """
How do (loyalty |reward |)points (work|expire)?
when do my points expire?
Do I (get|earn) points (for|on|when I buy) {item}?
how many points (for|do I get for) {qty} of {supply}?
Can I (use|redeem|swap) points for {item}?
do I lose points if I return {item}?
what can I get with points?
Do wholesale orders of {supply} earn points?
"""
E["track"] = """
(Where is|where's|what about|any news on) (my order |order |){order}?
{order} (where is it|has it shipped|still not here|when will it arrive|status)?
(track|check|look up) (order |my order |){order} {pls}
I ordered {supply} {ago} and (it's still not here|nothing came yet|have no tracking)
when will my {supply} (arrive|get to {place}|come)?
(Can you|could you|pls) check (the status of |){order}( for {shop}|)?
{order} (to|for) {place}, (will it make it by {day}|has it left yet|which day)?
Has the (driver|truck|courier) left (for {place}|yet|for {shop}), {order}
tracking number for {order} {pls}
my order from {ago}, {qty} of {supply}, (where is it now|did it ship|not here yet)
is the delivery for {shop} coming {day}?
{order}
"""
E["cancel"] = """
(Cancel|please cancel|i want to cancel|I need to cancel|can you cancel) (order |my order |){order}( {pls}|)
I (don't|do not) (need|want) {item} anymore, (please cancel|cancel it|cancel {order})
ordered (twice|by mistake|the wrong one), (cancel|please cancel) {order}
remove {supply} from {order} {pls}
can I still cancel {item} (I ordered {ago}|from {ago})?
{order} - cancel (the {supply}|everything|the whole thing) {pls}
Changed my mind about {item}, {order}, (cancel it|please stop it|don't ship it)
change {order} to {qty} of {supply} instead
cancel (today's|yesterday's|the last) order for {shop}
"""
E["address"] = """
(Change|please change|i need to change|can you change|update) the (delivery |shipping |)address (for|of|on) {order}( to {place}|)
{order} should go to {place}( not {place}| instead|)
(we moved|our shop moved) to {place}, (update|please change) (our|the) address
Can you send {item} to {shop} in {place} instead?
wrong address on {order}, (it's|should be) {house} (Canal Road|Soi {soi}|Temple Lane), {place}
new (phone|number|contact) for {order}: {phone}
please leave {order} (with the guard|next door|at {shop}|at the back door)
add a (new|second) address (in|for) {place} {pls}
move the delivery of {order} to {day}
is it too late to (redirect|send) {order} to {place}?
"""
E["price"] = """
(How much is|what's the price of|price of|price for) {item}?
how much for {qty} of {supply}?
(I need|can I get|send me) a (quote|quotation|price) for {qty} {supply}( delivered to {place}|) {pls}
What does (a|the) {machine} cost( new| second hand| with grinder|)?
is {supply} cheaper than {supply}?
{supply} price {pls}
Best price for {qty} {supply} and {qty} {supply}?
(has|did) the price of {supply} (gone up|go up|change)( again|)?
how much is {item} per (box|bag|carton|kilo|bottle|piece)?
i have {budget} baht, how much is your {machine}?
total for {qty} {supply} + {qty} {supply}?
"""
E["stock"] = """
(Do you have|have you got|got any|is there) {item} (in stock|available|left|right now)?
is {item} (in stock|available|sold out|back in stock)?
when (will|is) {item} (be back|coming in|available again)?
(check|can you check) stock (of|for) {item} {pls}
do you have (enough|at least) {qty} of {supply}( for {day}|)?
any {supply} left( in {place}|)?
I need {qty} of {supply} by {day}, is it in stock?
let me know when {item} is back
can you hold {qty} of {supply} for (me|{shop})?
how (many|much) {supply} do you have left?
"""
E["recommend"] = """
(Which|what) (bean|beans|roast|coffee) (do you recommend|is best|should I use) for (a |){drink}?
(recommend|suggest) (a machine|a setup|beans|a grinder) for ({shop}|a small cafe|an office of {two}|a kiosk in {place}|a resort) {pls}
We sell about {cups} cups a day, which machine (do we need|should I get|fits)?
Budget {budget} baht, what (machine|setup|machine and grinder) (would you pick|do you suggest)?
{bean} or {bean} for (a |){drink}?
Which grinder (goes|pairs|works) (well |)with (a|the) {machine}?
my customers like (fruity|strong|mild|chocolatey|less bitter|low acid) coffee, (what should I buy|any suggestion|which bean for {drink})?
is {syrup} or {syrup} better (in|for) (a |){drink}?
I'm new to this, what should I (buy|order) first for {shop}?
should I get a {machine} or (a|an) {machine} for {cups} cups a day?
"""
E["broken"] = """
(my|our|the) {gear} (is broken|won't turn on|is leaking|stopped working|isn't heating|makes a loud noise|keeps tripping the breaker|smells burnt|has no pressure)( since {ago}|)
the {part} (is leaking|is blocked|broke|came off|cracked|is stuck)( on our {gear}| at {shop}|)
{machine} (shows|says|displays) (E{err}|error {err}|a red light|err {err}) (what do I do|help|and stops|again)
no (steam|water|coffee|pressure) (coming out of|from) the {machine}( at {shop}| since {ago}|)
grinder (jammed|not spinning|is very hot|grinds too coarse|makes a screeching sound) (since {ago}|at {shop}|, what now?|)
bought the {gear} {ago} and (it's already dead|it leaks|it doesn't start)
{gear} (down|dead|not working) at {shop}, (we can't open|please help|urgent)
water (everywhere|on the counter|under the machine) from the {part}, {machine}
"""
E["visit"] = """
(Book|I want to book|can I book|please arrange|need) a (service visit|technician|maintenance visit) for {day}( in {place}| at {shop}|)
can (a|the) technician come to ({shop}|{place}) {day}( at {clock}|)?
what time is the technician coming to {shop}?
(move|reschedule|change) (my|the) service (visit|appointment) to {day} {clock} {pls}
send someone to (look at|fix|check|service) (my|our|the) {gear} in {place} {pls}
need the {part} replaced, can you come {day}?
yearly service for our {machine} in {place}, (any slot|is anyone free|when can you come) {day}?
is a technician free {day} at {clock}?
"""
E["refund"] = """
(I want|I'd like|requesting|please give me) a refund for {order}
(where is|when do I get|any news on) my refund( for|,) {order}?
refund {order} to my {bank} account {pls}
I cancelled {ago} and (still no refund|the money isn't back), {order}
I paid {amount} too much, (please refund|can I get it back|send it back)( {order}|)
{supply} was (missing|damaged|wrong), I want my money back( for {order}|)
charged twice for {item}, {amount} baht, please refund one
has the refund of {amount} been (sent|approved|done)?
money back for {qty} of {supply} {pls}, {order}
"""
E["slip"] = """
(Paid|transferred|just paid|payment done) {amount} (baht |)for {order}
here is (the|my) slip for {order}( {pls}|)
sent {amount} from {bank} (at {clock}|just now|{ago}), (did you get it|please confirm|can you check)?
(please check|confirm) my (payment|transfer|slip) of {amount}( for {order}|)
I uploaded the slip but {order} still says (unpaid|pending|waiting)
transferred for {item}, {amount} baht
where do I send the slip for {order}?
paid the wrong amount for {order}, {amount} short
"""
E["promotion"] = """
(Any|do you have any|are there) (promotions|promos|discounts|deals|offers) (on {item}|this month|today|for new customers|for {place})?
is {item} on (sale|promotion|discount)( this month| now|)?
code {code} (doesn't work|is not working|expired?|how much off?)( on {supply}|)
does code {code} work (on|for) {item}?
buy {qty} of {supply}, do I get (anything free|a gift|a discount)?
when does the {supply} (promo|offer|deal) end?
"""
E["account"] = """
(I want to|I'd like to|how do we|can I) (open|create|set up) (an|a wholesale|a shop|a customer) account( for {shop}| in {place}|)
(sign me up|register us|register {shop}) as a (new |wholesale |)customer( in {place}|) {pls}
new customer here, {shop} (in|from) {place}, (open an account|please register us|need an account)
open account for {shop}, phone {phone}
we have a new cafe in {place} and (want|need) a wholesale account
"""
E["human"] = """
(I want to|let me|can I|i need to) (talk|speak) (to|with) (a human|a person|someone|sales|the manager|a real person|accounting|the technician)( about {order}| about {item}| now|)
(human|agent|real person|operator|staff) {pls}
(call me|please call|can someone call me) (back |)on {phone}
this bot (doesn't help|does not understand|is going in circles), (give me a person|human please|get me staff)
(get me|put me through to|connect me to) (the|your) (manager|sales rep|technician)( for {place}|) {pls}
is (anyone|a real person) (there|online)( right now|)?
"""
E["complaint"] = """
(this is|that is|it's) (unacceptable|ridiculous|terrible|so disappointing), {food} (arrived late|came broken|was wrong|tastes stale) (again|)
{food} (from this batch|this time|in the last order) (is bad|smells off|is not the same|is poor quality)( {order}|)
the (driver|technician|sales guy|agent) was (rude|late|careless)( in {place}| at {shop}|), {order}
I want to (complain|make a complaint|file a complaint) about ({order}|{item}|your driver in {place}|the technician)
ordered {supply} and got {supply}. (seriously|what are you doing|second time)?
been waiting for {item} since {ago}, (nobody answers|my shop is losing money|this is a joke)
half of the {cup} were (crushed|dirty|leaking|mouldy)( {order}|)
{milk} was (sour|nearly expired|leaking) (again|on arrival), (very unhappy|who pays for this|come on)
Very bad service, {order} (is late again|never came|was incomplete), (not ordering again|fix it|)
"""
E["greeting"] = """
(hi|hello|hey|good morning|good afternoon|good evening|morning|heya)( there| team| Sala| Baan Kafe| guys| again| everyone|)(!| 👋| 🙂|,|..|)
(hi|hello|hey|morning), (it's|this is|here is) {shop}( again|)
(anyone here|you there|are you open|can I ask something|quick question)( please| today| now|)?( 🙂|)
"""
E["thanks"] = """
(thanks|thank you|thx|ty|cheers|many thanks|thank u)( so much| a lot| very much| again|)( for the help| team| Sala| for the quick reply|)(!| 🙏| 😊| ❤️|)
(ok|great|perfect|got it|awesome|understood), (thanks|thank you|thx)( so much| a lot| again|)(!| 👍|)
{gear} works again, (thanks|thank you)
"""
E["goodbye"] = """
(bye|goodbye|see you|see ya|bye bye|take care|have a nice day|good night|talk later|cya)( then| for now| guys| team| Sala|)(!| 👋| 😊|)
(that's all|nothing else|no more questions|all done|that's it), (bye|see you {day}|take care|have a good one)
"""
E["chatter"] = """
(will it rain|how hot is it|is it cold|how is the traffic|is the air bad) (in|around) {place} {day}?
(what's|what is) {two} (times|plus|minus) {two}?
tell me a (joke|story|riddle|poem|ghost story) (about (a |){drink}|about {place}|about cats|{pls})
(who won|what time is|where can I watch) the (football|volleyball|boxing|badminton) (match |)({day}|last night|in {place})?
(best|cheap|good) (noodles|som tam|hotel|beach|night market|hotpot) in {place}?
are you (a robot|human|married|real|single|ai|hungry)( lol| haha|)?
(I'm|im) (bored|sad|lonely|tired|heartbroken)( today| lol|), (talk to me|what should I do|would a {drink} help)?
translate "(I love you|coffee|good night|delicious|{drink})" (to|into) (Japanese|Korean|French|Lao|Spanish)
what's the (gold price|dollar rate|oil price|bitcoin price) {day}?
which lottery number (for|should I buy) {day}, {two} or {two}?
(write|do) my (homework|essay|cv|love letter) about (coffee|{place}|my cat|history) {pls}
how (do I|to) (train|feed|wash) my (dog|cat|parrot|rabbit|turtle)( in {place}| {day}|)?
is {place} nice in (december|april|august|the rainy season)?
"""

# ---------------------------------------------------------------- Chinese
Z = GRAMMAR["zh"]
Z["delivery"] = """
(送到|发到|寄到|发货到){place}(要|大概|需要)(几天|多久)(呢|啊|)？
(到|送|寄){place}(运费|邮费)(多少|怎么算|是多少)？
{qty}{supply}(包邮|免运费){ma}？
(满多少|买多少)(包邮|免运费)(到{place}|)？
(周末|周日|节假日|宋干节|新年)(送|发)货到{place}{ma}？
(用|走|发)什么快递(到{place}|)？
{gear}(怎么|用什么车)(送|运)到{place}？
{milk}送{place}是冷链{ma}？
(送|发){place}几点截单？
"""
Z["returns"] = """
{item}(可以|能)(退|换|退货|退换){ma}？
(退|换){item}(几天内|要什么条件|要发票吗|怎么操作|运费谁出)？
{supply}(拆了|开封了|打开了)还能退{ma}？
{item}(收到是坏的|碎了|发错了|破损)怎么(办|退|赔)？
退{item}(多久|几天)(到账|退款)？
打折的{item}能退{ma}？
"""
Z["cleaning"] = """
{part}(怎么|如何|该怎么)(清洗|洗|清理|拆下来洗)？
{gear}的{part}多久(洗|清洁|换)一次？
{gear}(怎么|如何)(除垢|清洁|反冲洗|保养)？
(可以用|能用)(白醋|洗洁精|小苏打|柠檬酸)洗{part}{ma}？
{gear}每(天|周|个月)要(清洁|洗)哪些地方？
{part}有(奶垢|水垢|咖啡渍|霉)怎么(弄掉|洗)？
"""
Z["recipes"] = """
{drink}(的配方|配方|怎么做|怎么调|的做法)(是什么|有吗|)？
(做|一杯){drink}(用|要|放)(多少克粉|几克豆子|多少奶|几泵{syrup})？
{bean}做{drink}(怎么做|比例多少|水温多少|磨多细|萃取几秒)？
{drink}为什么(太酸|太苦|没味道|发涩)？
{drink}(可以用|能用){milk}{ma}？
{milk}怎么打(奶泡|出细腻奶泡)？
"""
Z["storage"] = """
{food}(怎么|如何)(保存|存放|储存)？
{food}(开封后|打开以后|拆开后)(能放|可以放|保质)(多久|几天|几个月)？
{food}(要|需要|可以)(放冰箱|冷藏|冷冻){ma}？
{food}(保质期|生产日期|有效期)(多久|在哪看|是多长)？
{bean}(要养|养)几天(再用|才好喝|)？
"""
Z["warranty"] = """
{gear}(保修|质保)(几年|多久|多长时间)？
{gear}(保修|质保)(包括|包含|含){part}{ma}？
{part}(坏了|漏水|裂了)(在|算)保修(范围|内){ma}？
(怎么|在哪|如何)(登记|查询|延长){gear}的保修？
{gear}保修卡丢了(怎么办|还能修吗|有影响吗)？
{gear}过保以后(怎么收费|维修多少钱|还修吗)？
"""
Z["payment"] = """
(可以|能)(用|刷)(信用卡|支付宝|微信|现金|{bank}|二维码)(付|支付|买{item}){ma}？
{item}(可以|能|支持)(货到付款|分期|分两次付|月结|后付){ma}？
{item}的钱(转|打|汇)到(哪个账户|哪里|什么银行)？
(刷卡|用{bank}|外国卡)买{item}有手续费{ma}？
买{gear}(定金|订金|首付)(多少|要付多少)？
下单{item}后(几天|多久)内要付款？
"""
Z["tax_invoice"] = """
{item}(怎么|可以|能)开(税务|增值税|)发票(吗|)？
开{item}的(税务|)发票(要什么资料|要几天|怎么申请|抬头怎么填)？
上个月买的{item}能补开发票{ma}？
{item}(价格|报价)含税{ma}？
(电子发票|发票抬头|发票税号)(错了|写错了)怎么改，买的{item}？
"""
Z["training"] = """
(咖啡师|拉花|入门|高级)(课程|培训|课)(几天|多长时间|学什么|有证书吗|用中文讲吗|一班几个人|要基础吗|在哪里上|有{machine}可以练吗)？
买{machine}(送|包含|带)培训{ma}？
(可以|能)到{place}(的店里|我们店)培训{ma}？
{place}有(咖啡师|拉花|入门|高级)(课|培训){ma}？
课上(教|会教)做{drink}{ma}？
"""
Z["wholesale"] = """
{supply}批发(起订量|最少|要多少起|条件)(是多少|是什么|)？
在{place}(做代理|做经销|开店)有批发价{ma}？
{place}的(酒店|餐厅|办公室|民宿)(能|可以)拿批发价{ma}？
每月{qty}{supply}算批发{ma}？
{cup}印标志(最少多少个|起订多少|怎么做)？
批发{supply}有账期{ma}？
"""
Z["installation"] = """
(安装|装){machine}(要准备什么|要多久|免费吗|要接水管吗|要多大电|占多大地方)？
{machine}(是多少瓦|用家用电行吗|要接下水吗|要装净水器吗|多少伏)？
到{place}(安装|装){machine}(要钱吗|多少钱|几天能约上)？
{machine}能放在(餐车|推车|二楼|小吧台)上{ma}？
"""
Z["points"] = """
积分(怎么用|什么时候过期|能换什么|怎么算|可以转给别人吗)？
买{item}(有|算|送)积分{ma}？
积分能换{item}{ma}？
{qty}{supply}有多少积分？
退了{item}积分会扣{ma}？
"""
Z["track"] = """
{order}(到哪了|发货了吗|什么时候到|怎么还没到|现在什么状态|哪天能收到)？
(查一下|帮我查|帮忙查下|麻烦查一下)(订单|单号|物流|){order}
{ago}(订|买|下单)的{item}(到哪了|发了吗|还没收到|什么时候到)？
{order}(能|可以){day}(前|)到{place}{ma}？
{shop}的货(到哪了|出发了吗|几点到)？
{order}的(快递|物流)单号(发我一下|是多少|给一下)
{order}
"""
Z["cancel"] = """
(取消|帮我取消|我要取消|麻烦取消|请取消)(订单|){order}
{item}不要了，(帮我取消|取消吧|取消{order})
(下重了|拍错了|买错了|不想要了)，(取消|撤销){order}
{order}里的{supply}(取消|去掉|不要了)，其他照发
{ago}订的{item}还能取消{ma}？
{order}改成{qty}{supply}
"""
Z["address"] = """
{order}(地址改一下|改地址|换个地址|改送)(到{place}|，送{shop}|)
(改一下|更改|修改|帮我改){order}的(收货地址|地址|收货人电话|送货时间)
{order}(送到|改到|寄到){place}(去|吧|可以吗|)
(店|公司|我们)搬到{place}了，(改一下地址|更新地址|地址要换)
{order}电话改成{phone}
{order}放(保安室|隔壁|门口|{shop})就行
{order}改{day}送
"""
Z["price"] = """
{item}(多少钱|什么价|怎么卖|价格多少|报个价)？
{qty}{supply}(多少钱|什么价|一共多少)？
{qty}{supply}加{qty}{supply}(一共|总共)多少钱？
(买|要){qty}{supply}(能便宜点吗|有优惠价吗|最低多少)？
{supply}(涨价了吗|又涨了？|价格变了吗)
{qty}{supply}送{place}，报价
{machine}(新的|二手的|带磨豆机|最便宜的)多少钱？
"""
Z["stock"] = """
{item}(有货吗|还有吗|有现货吗|到货了吗|卖完了吗|什么时候到货|还剩多少)？
(有没有|还有没有|有){qty}{supply}(现货|)(吗|)？
{supply}要{qty}，{day}要，(有货吗|够吗|来得及吗)？
(查一下|看下){item}(库存|有没有货)
{item}到货了(告诉我|通知一声|说一下)
帮{shop}留{qty}{supply}
"""
Z["recommend"] = """
(做|卖){drink}(用什么豆|哪款豆子好|推荐哪款豆)(呢|)？
(推荐|介绍)一(款|个)(适合{drink}的豆子|适合{shop}的机器|配{machine}的磨豆机)
一天{cups}杯(用什么机器|哪款机器合适|选单头还是双头)？
预算{budget}，(买什么机器好|推荐一下机器|机器加磨豆机怎么配)？
{bean}和{bean}哪个(更适合{drink}|好|香|卖得好)？
(喜欢|想要)(果酸|不酸|浓一点|巧克力味|顺口)的，(选哪款|哪款豆|{drink}用哪款)？
"""
Z["broken"] = """
{gear}(坏了|漏水|开不了机|不加热|没压力|跳闸|声音很大|有焦味|不出水)(了|怎么办|，急|)
{gear}的{part}(漏水|堵了|裂了|掉了|坏了)(怎么办|，在{shop}|，{ago}开始的|)
{machine}(显示|报|出现)(E{err}|错误{err}|红灯)(怎么办|，重启也没用|，救命|)
{shop}的{gear}(坏了|罢工了|用不了)，(今天没法营业|快来人|怎么办)
{ago}买的{gear}(就坏了|开不了机|漏水)
磨豆机(卡住了|不转|很烫|磨得太粗|有异响)，({ago}开始|在{shop}|怎么办)
"""
Z["visit"] = """
(预约|约|想约|帮我约)(师傅|上门|保养|维修)(到{place}|看{gear}|换{part}|去{shop})，{day}
{day}(师傅|技师)(有空吗|能来{shop}吗|能来{place}吗|几点到)？
(改一下|调整)上门时间，{day}{clock}
师傅几点到{shop}？
{machine}(年度保养|定期保养|检修)，{place}，{day}(可以吗|有空吗)？
"""
Z["refund"] = """
(我要|申请|帮我|请)(退款|退钱){order}
{order}的退款(到了吗|什么时候到|怎么还没到|退了多少)？
{order}退到(我的|){bank}(账户|)
多付了{amount}(铢|)，(退给我|请退回|怎么退)
{supply}(少发了|坏了|发错了)，(退钱|我要退款)，{order}
{ago}取消的，钱还没退，{order}
{item}扣了两次{amount}，退一次
"""
Z["slip"] = """
(已付款|转了|付好了|已转账){amount}(铢|)，{order}
{order}的(凭证|转账截图|付款凭证)(发了|在这里|给你)
{bank}转了{amount}，(收到了吗|查一下|确认一下)
{order}付了款(还显示未付|没有确认|怎么还在等付款)
{item}的钱转了，{amount}
"""
Z["promotion"] = """
{item}(有优惠吗|打折吗|有活动吗|有赠品吗|活动到几号)？
(这个月|今天|最近|新店)(有什么|有)(活动|优惠|折扣)(吗|)？
优惠码{code}(用不了|过期了吗|能买{item}吗|减多少)
买{qty}{supply}送什么{ma}？
"""
Z["account"] = """
(我想|我要|帮{shop}|给{shop})(开户|注册账号|开批发账户|注册会员)(，店在{place}|)
{place}的新店，(想开个账户|要注册|怎么开户)，叫{shop}
新客户，{shop}，电话{phone}，开个账户
"""
Z["human"] = """
(转|找|要|给我转)(人工|真人|客服|经理|销售|会计|技师)(谢谢|快点|，关于{order}|，关于{item}|)
(机器人听不懂|别用机器人|答非所问)，(转人工|找真人)
(打电话给我|回电|请回电){phone}
(有人吗|有真人吗|客服在吗)(？|在线等|)
"""
Z["complaint"] = """
(太差了|太失望了|气死了|真无语)，{food}(又发错|又漏了|不新鲜|送得这么慢)
(这批|这次的|上次的){food}(味道不对|质量差|有异味|跟以前不一样)
(我要投诉|投诉)({order}|送{place}的司机|{item}|师傅|你们的服务)
(司机|师傅|客服|销售)(态度差|迟到|没来|乱扔货)，(在{place}|{order}|{shop})
订的{supply}来的是{supply}，(什么情况|第二次了|怎么做事的)
等{item}等了(一周|十天|半个月)，(没人理|店都要关了|太过分)
"""
Z["greeting"] = """
(你好|您好|嗨|哈喽|早上好|下午好|在吗|早)(呀|啊|，|)(老板|客服|亲|)(！|~|👋|)
(你好|您好)，我是{shop}的
"""
Z["thanks"] = """
(谢谢|多谢|感谢|谢啦|辛苦了|非常感谢)(你|亲|老板|师傅|)(！|🙏|~|😊|)
(好的|明白了|收到|搞定了)，(谢谢|多谢|辛苦了)(！|🙏|)
"""
Z["goodbye"] = """
(再见|拜拜|回头聊|先这样|下次见|晚安|先走了)(啦|哦|，亲|)(！|👋|~|)
(没事了|没有问题了|就这些)，(再见|拜拜|{day}见)
"""
Z["chatter"] = """
{day}{place}(下雨吗|热不热|冷吗|堵车吗|空气怎么样)？
讲个(笑话|故事|鬼故事|谜语)(，关于{drink}的|，关于{place}的|听听|)
{place}(哪里好玩|有什么好吃的|住哪里好|几月去好|有夜市吗)？
(你是机器人吗|你几岁|你叫什么|你吃饭了吗|你喝{drink}吗)(哈哈|？)
{two}(乘|加|减){two}等于多少？
(好无聊|好累|失恋了|睡不着)，(陪我聊聊|怎么办|喝{drink}有用吗)
{day}(金价|油价|汇率|球赛)(多少|怎么样|会涨吗)？
(帮我|给我)(写作业|写情书|算命|选彩票号{two})(好不好|吧)
"""


class Rng:
    """The few draws the generator needs, all on random.Random.random()."""

    def __init__(self, seed):
        self._r = random.Random(seed).random

    def below(self, n):
        return int(self._r() * n)

    def pick(self, seq):
        return seq[self.below(len(seq))]

    def chance(self, p):
        return self._r() < p

    def shuffle(self, seq):
        for i in range(len(seq) - 1, 0, -1):
            j = self.below(i + 1)
            seq[i], seq[j] = seq[j], seq[i]


RNG = Rng(SEED)


# ------------------------------------------------------------ pattern expansion
def parse(text):
    """Pattern -> nested list: str, ("slot", name), ("alt", [sequences])."""
    pos = 0

    def seq(stop):
        nonlocal pos
        out, buf = [], []
        while pos < len(text) and text[pos] not in stop:
            c = text[pos]
            if c == "(":
                pos += 1
                branches = [seq("|)")]
                while text[pos] == "|":
                    pos += 1
                    branches.append(seq("|)"))
                pos += 1
                item = ("alt", branches)
            elif c == "{":
                end = text.index("}", pos)
                item = ("slot", text[pos + 1:end])
                pos = end + 1
            else:
                buf.append(c)
                pos += 1
                continue
            if buf:
                out.append("".join(buf))
                buf = []
            out.append(item)
        if buf:
            out.append("".join(buf))
        return out

    result = seq("")
    if pos != len(text):
        raise ValueError("unbalanced pattern: " + text)
    return result


def order_number():
    prefix = "BK" if RNG.chance(0.82) else RNG.pick(["CF", "CN", "HY", "PK", "UD", "SM"])
    year = RNG.pick(["23", "24", "24", "24", "25"])
    digits = year + "%04d" % RNG.below(10000)
    style = RNG.below(20)
    if style < 13:
        return prefix + digits
    if style < 17:
        return prefix.lower() + digits
    if style < 19:
        return prefix + " " + digits
    return prefix + "-" + digits


def clock(lang):
    hour, half = 8 + RNG.below(10), RNG.chance(0.4)
    if lang == "th":
        return "%d%s" % (hour, ".30 น." if half else RNG.pick([" โมง", ".00 น."]) if hour < 12 else ".00 น.")
    if lang == "zh":
        return "%s%d点%s" % ("上午" if hour < 12 else "下午", hour if hour <= 12 else hour - 12, "半" if half else "")
    return "%d%s%s" % (hour if hour <= 12 else hour - 12, ":30" if half else "", "am" if hour < 12 else "pm")


def amount():
    value = RNG.pick([5, 10, 10, 10, 50]) * (20 + RNG.below(900))
    return "{:,}".format(value) if RNG.chance(0.4) else str(value)


FUNCTIONS = {
    "order": lambda lang: order_number(),
    "clock": clock,
    "amount": lambda lang: amount(),
    "phone": lambda lang: "08%d%s555%s%04d" % (RNG.below(10), *([RNG.pick(["", "-", " "])] * 2), RNG.below(10000)),
    "house": lambda lang: "%d/%d" % (1 + RNG.below(399), 1 + RNG.below(60)),
    "soi": lambda lang: str(1 + RNG.below(60)),
    "moo": lambda lang: str(1 + RNG.below(15)),
    "two": lambda lang: str(11 + RNG.below(88)),
    "cups": lambda lang: str(10 * (2 + RNG.below(38))),
    "err": lambda lang: RNG.pick(["01", "02", "03", "05", "07", "11", "12", "20", "33", "4", "6", "9"]),
    "budget": lambda lang: RNG.pick(["15000", "20,000", "30000", "45,000", "50000", "60,000", "80000", "100,000", "120000", "150,000", "200000"]),
    "code": lambda lang: RNG.pick(["KAFE", "BEAN", "NEWSHOP", "LATTE", "DOI", "COLD"]) + RNG.pick(["5", "10", "15", "20", "50", "100", "2024", "MAY"]),
    "dow": lambda lang: RNG.pick(["จันทร์", "อังคาร", "พุธ", "ศุกร์", "เสาร์", "อาทิตย์"]),
}

# Thai polite endings by writer: statement, question, soft request.
WRITERS_TH = [
    (("ครับ", "คับ", "ครับ", "ค้าบ"), ("ครับ", "ครับ", "คับ"), ("นะครับ", "นะคับ")),
    (("ค่ะ", "ค่ะ", "ค่า", "คะ"), ("คะ", "คะ", "ค่ะ", "ค๊ะ"), ("นะคะ", "น้า", "นะค่ะ")),
    (("", "", "", "จ้า", "จ้ะ"), ("", "", "", "อะ", "จ๊ะ"), ("นะ", "น้า", "")),
]

PARSED_SLOTS = {
    lang: {
        name: [parse(v) for v in (values if isinstance(values, list) else values.split("|"))]
        if "(" not in "".join(values) else [parse("(" + values + ")")]
        for name, values in slots.items()
    }
    for lang, slots in SLOTS.items()
}


TOPICS = ("bean",) * 9 + ("syrup",) * 4 + ("cup",) * 4 + ("milk",) * 3


class Writer:
    """Who writes one message, and about which kind of product."""

    def __init__(self):
        self.particles = RNG.pick(WRITERS_TH)
        self.supply = RNG.pick(TOPICS)      # {supply}: beans, syrup, cups or milk
        self.food = self.supply if self.supply != "cup" else "bean"  # {food}: the same without cups
        self.item = "gear" if RNG.chance(0.13) else self.supply      # {item}: may be a machine
        self.used = set()                   # products named so far, not named twice

    def product(self, name, lang):
        if name in ("item", "supply", "food"):
            name = getattr(self, name)
        elif name == "qty":
            name = "qty_" + self.supply
        elif name == "item_qty":
            name = "qty_" + self.item
        elif name == "food_qty":
            name = "qty_" + self.food
        before = set(self.used)             # a slot inside this slot must not count
        for _ in range(8):
            self.used = set(before)
            value = expand(RNG.pick(PARSED_SLOTS[lang][name]), lang, self)
            if value not in before:
                break
        self.used = before | {value}
        return value


def expand(nodes, lang, writer):
    out = []
    for node in nodes:
        if isinstance(node, str):
            out.append(node)
        elif node[0] == "alt":
            out.append(expand(RNG.pick(node[1]), lang, writer))
        else:
            name = node[1]
            if lang == "th" and name in ("p", "q", "n"):
                out.append(RNG.pick(writer.particles["pqn".index(name)]))
            elif name in FUNCTIONS:
                out.append(FUNCTIONS[name](lang))
            else:
                out.append(writer.product(name, lang))
    return "".join(out)


# ------------------------------------------------------------ openers and closers
OPENERS = {
    "th": [parse(s) for s in """สวัสดี{p} |สอบถาม{p} |สอบถามหน่อย{p} |รบกวน{p} |แอดมิน{q} |ขอโทษ{q} |พี่{q} |hi |ดี{p} |น้อง{q} |ถามหน่อย |คือ""".split("|")],
    "en": [parse(s) for s in "hi, |Hello, |hey |Good morning, |excuse me, |Hi team, |sorry, |one question: |ok so |hello sir |quick one - ".split("|")],
    "zh": [parse(s) for s in "你好，|您好，|请问|老板，|亲，|在吗，|问一下，|那个，".split("|")],
}
CLOSERS = {
    "th": [parse(s) for s in " ขอบคุณ{p}| รบกวนด้วย{p}| ด่วนๆ| 🙏| รออยู่{n}| ตอบด้วย{n}| 😊| 5555| ขอบคุณล่วงหน้า{p}|!!|??".split("|")],
    "en": [parse(s) for s in " thanks| thank you| 🙏| asap| thx| urgent| 😊|!!| i'm in {place}| if possible".split("|")],
    "zh": [parse(s) for s in "谢谢|，急|🙏|，谢谢|，在线等|~|，麻烦了".split("|")],
}
BARE = {"greeting", "thanks", "goodbye"}


# ------------------------------------------------------------ noise
def has_digit(word):
    return any(c.isdigit() for c in word)


TH_SWAPS = [
    ("ไหม", "มั้ย"), ("ไหม", "มัย"), ("มั้ย", "ม้าย"), ("เท่าไหร่", "เท่าไร่"), ("เท่าไหร่", "เท่ารัย"), ("อะไร", "อาไร"),
    ("ยังไง", "ยังงัย"), ("หน่อย", "หน่อยย"), ("หรือยัง", "รึยัง"), ("เครื่อง", "เครื่่อง"), ("เครื่อง", "เคื่อง"),
    ("กาแฟ", "กาแฝ"), ("ออเดอร์", "ออเดอ"), ("ออเดอร์", "order"), ("ไซรัป", "ไซรับ"), ("เมล็ด", "เม็ด"), ("เมล็ด", "เมล็ค"),
    ("ยกเลิก", "ยกเลิด"), ("ขอบคุณ", "ขอบคุน"), ("แล้ว", "แล้วว"), ("ได้", "ด้าย"), ("ใบกำกับ", "ใบกำกัพ"), ("พรุ่งนี้", "พุ่งนี้"),
    ("เปลี่ยน", "เปี่ยน"), ("อยาก", "หยาก"), ("สต็อก", "สต๊อก"), ("โปรโมชั่น", "โปรโมชัน"), ("ราคา", "ราคาา"), ("ที่อยู่", "ที่อยุ่"),
    ("ครับ", "คับบ"), ("ค่ะ", "ค้ะ"), ("คะ", "ค่ะ"), ("เสีย", "เสียย"), ("น้ำ", "นำ้"), ("ช่าง", "ชาง"), ("ส่ง", "สง"),
]
TH_MARKS = "่้๊๋็์"


def noise_th(text):
    kind = RNG.below(10)
    if kind < 5:
        usable = [s for s in TH_SWAPS if s[0] in text]
        if usable:
            old, new = RNG.pick(usable)
            return text.replace(old, new, 1)
        return text
    if kind < 7:  # a tone mark left out
        spots = [i for i, c in enumerate(text) if c in TH_MARKS]
        if spots:
            i = RNG.pick(spots)
            return text[:i] + text[i + 1:]
        return text
    if kind == 7:  # everything run together, order numbers kept apart from Thai
        return re.sub(r"(?<=[\u0e00-\u0e7f]) (?=[\u0e00-\u0e7f])", "", text)
    if kind == 8:  # last letter drawn out
        if "\u0e01" <= text[-1] <= "\u0e45":
            return text + text[-1] * (1 + RNG.below(3))
        return text
    return re.sub(r"(.)\1{3,}", r"\1\1\1", text) + RNG.pick(["?", " ?", "!!", "...", " 😅", " 😭", " ☕"])


EN_SWAPS = [("please", "plz"), ("you", "u"), ("your", "ur"), ("are", "r"), ("how much", "hw much"), ("tomorrow", "tmr"), ("thanks", "tks"), ("want to", "wanna"),
            ("what's", "whats"), ("don't", "dont"), ("can't", "cant"), ("because", "cuz"), ("i'm", "im"), ("it's", "its"), ("and", "&"), ("order", "oder"),
            ("receive", "recieve"), ("address", "adress"), ("machine", "mashine"), ("espresso", "expresso"), ("delivery", "delivary"), ("technician", "tecnician"),
            ("refund", "refound"), ("how do i", "how i can"), ("is there", "have"), ("do you have", "you have"), ("the ", ""), ("where is", "where"), ("how long does", "how long")]


def noise_en(text):
    kind = RNG.below(10)
    if kind < 2:
        return text.lower()
    if kind < 3:
        return text.rstrip("?!. ")
    if kind < 6:
        low = text.lower()
        usable = [s for s in EN_SWAPS if re.search(r"\b" + re.escape(s[0]), low) and re.search(r"\b" + re.escape(s[0].strip()) + r"(?!\w)", low)]
        if usable:
            old, new = RNG.pick(usable)
            tail = r"\b" if old[-1].isalnum() else ""
            return re.sub(r"\b" + re.escape(old) + tail, new, text, count=1, flags=re.I).strip()
        return text.lower()
    if kind < 9:  # one slip of the fingers in a longer word
        words = text.split(" ")
        spots = [i for i, w in enumerate(words) if len(w) >= 5 and w.isalpha()]
        if not spots:
            return text
        i = RNG.pick(spots)
        w, at = words[i], 1 + RNG.below(len(words[i]) - 3)
        slip = RNG.below(3)
        if slip == 0:
            w = w[:at] + w[at + 1] + w[at] + w[at + 2:]
        elif slip == 1:
            w = w[:at] + w[at + 1:]
        else:
            w = w[:at] + w[at] + w[at:]
        words[i] = w
        return " ".join(words)
    return " ".join(w if has_digit(w) else w.upper() for w in text.split(" ")) if RNG.chance(0.3) else text.rstrip("?") + RNG.pick(["??", " ?", "...", " 😅", "!"])


TRADITIONAL = str.maketrans(
    "单订发货钱换机买卖运费师傅谢请问会员积优惠码几么开户转账银关于说话时间门店样还吗没现对选礼级证书术动热冷过图杯头双装纸浆压热锅炉坏样给别听够随儿个当爱气业鲜调约区台联系电话岁办药块紧亲应该预荐适仓从两损护类显误错铢总乌达来这质异为无后里养带车园边猫树场楼脏税余尔蓝凤",
    "單訂發貨錢換機買賣運費師傅謝請問會員積優惠碼幾麼開戶轉賬銀關於說話時間門店樣還嗎沒現對選禮級證書術動熱冷過圖杯頭雙裝紙漿壓熱鍋爐壞樣給別聽夠隨兒個當愛氣業鮮調約區台聯繫電話歲辦藥塊緊親應該預薦適倉從兩損護類顯誤錯銖總烏達來這質異為無後裡養帶車園邊貓樹場樓髒稅餘爾藍鳳")
ZH_SWAPS = [("在", "再"), ("什么", "啥"), ("多少钱", "多钱"), ("怎么", "咋"), ("订单", "定单"), ("吗？", "嘛"), ("没有", "木有"), ("的", "滴"), ("退款", "退歀"), ("账", "帐"),
            ("糖浆", "糖桨"), ("咖啡", "咖非"), ("地址", "地只"), ("什么时候", "啥时候"), ("磨豆机", "磨机"), ("谢谢", "3Q")]


def noise_zh(text):
    kind = RNG.below(10)
    if kind < 4:
        return text.translate(TRADITIONAL)
    if kind < 6:
        return text.rstrip("？~！")
    if kind < 8:
        usable = [s for s in ZH_SWAPS if s[0] in text]
        if usable:
            old, new = RNG.pick(usable)
            return text.replace(old, new, 1)
        return text.replace("，", " ")
    if kind == 8:
        return text.replace("，", ",").replace("？", "?")
    text = text.rstrip("？")
    if text[-1] in "吗么不呢啊吧~！🙏谢了急":
        return text + RNG.pick(["？？", "...", "😅"]) if text[-1] in "吗么不呢" else text
    return text + RNG.pick(["？？", "啊", "呢", "...", "😅"])


NOISE = {"th": (noise_th, 0.30), "en": (noise_en, 0.38), "zh": (noise_zh, 0.42)}


# ------------------------------------------------------------ one message
PARSED = {
    lang: {intent: [parse(line) for line in block.strip().split("\n")] for intent, block in intents.items()}
    for lang, intents in GRAMMAR.items()
}


def message(lang, intent):
    writer = Writer()
    body = expand(RNG.pick(PARSED[lang][intent]), lang, writer)
    if intent not in BARE:
        if RNG.chance(0.16):
            opener = expand(RNG.pick(OPENERS[lang]), lang, writer)
            if lang == "en" and opener[0].islower():
                body = body[0].lower() + body[1:] if not body.startswith(("I ", "I'")) else body
            body = opener + body
        if RNG.chance(0.12):
            closer = expand(RNG.pick(CLOSERS[lang]), lang, writer)
            body = (body.rstrip("？") if closer[0] in "，~" else body) + closer
    if lang == "th":
        body = re.sub(r"([ๆ])ๆ{2,}", r"\1ๆ", body)
        # join of Thai and Latin/number words is written with or without a space
        if RNG.chance(0.7):
            body = re.sub(r"(?<=[\u0e00-\u0e7f])(?=[A-Za-z0-9])", " ", body)
            body = re.sub(r"(?<=[A-Za-z0-9%])(?=[\u0e00-\u0e7f])", " ", body) if RNG.chance(0.6) else body
    if lang == "en":
        body = re.sub(r"\ba (?=[aeiouAEIOU](?!ne))", "an ", body)
        body = re.sub(r"\ban (?=[^aeiouAEIOU0-9\s])", "a ", body)
        if body[0].islower() and RNG.chance(0.35):
            body = body[0].upper() + body[1:]
    noise, rate = NOISE[lang]
    while RNG.chance(rate):
        body = noise(body)
        rate = rate / 3
    return re.sub(r" {2,}", " ", body).strip(" ,")


def quotas(lang):
    """Whole-number quota for each (kind, intent); sums are exact."""
    knowledge = round(TOTAL[lang] * KNOWLEDGE_SHARE)
    out = []
    for kind, wanted in (("knowledge", knowledge), ("task", TOTAL[lang] - knowledge)):
        weights = QUOTA[kind]
        total = sum(weights.values())
        counts = {k: wanted * w // total for k, w in weights.items()}
        for k in list(weights)[: wanted - sum(counts.values())]:
            counts[k] += 1
        out += [(kind, k, n) for k, n in counts.items()]
    return out


def generate():
    rows, seen = [], set()
    for lang in TOTAL:
        for kind, intent, wanted in quotas(lang):
            made = tries = 0
            while made < wanted:
                tries += 1
                if tries > 60 * wanted + 2000:
                    raise SystemExit("grammar too small: %s %s %d/%d" % (lang, intent, made, wanted))
                text = message(lang, intent)
                key = "".join(text.casefold().split())
                if len(text) < 2 or len(text) > MAX_CHARS[lang] or key in seen:
                    continue
                seen.add(key)
                rows.append({"text": text, "lang": lang, "kind": kind})
                made += 1
    RNG.shuffle(rows)
    return "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in rows).encode("utf-8")


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mix.jsonl")
    data = generate()
    if "--check" in sys.argv[1:]:
        with open(path, "rb") as f:
            same = f.read() == data
        print("same" if same else "different")
        return 0 if same else 1
    with open(path, "wb") as f:
        f.write(data)
    print("%d lines, %d bytes" % (data.count(b"\n"), len(data)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
