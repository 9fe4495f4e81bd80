// The demo shop: its products in three languages, and the chat beside them.
const TEXTS = {
  th: {
    skip: 'ข้ามไปที่สินค้า', shop: 'บ้านกาแฟซัพพลาย', headline: 'ทุกอย่างที่คาเฟ่ต้องใช้\nส่งถึงหน้าร้าน',
    lead: 'คั่วสดทุกสัปดาห์ เครื่องชงพร้อมทีมช่างติดตั้ง และคำตอบทันทีในแชต ทั้งไทย อังกฤษ และจีน',
    ask: 'ถามเราได้เลย', products: 'สินค้า', filters: 'หมวดสินค้า', currency: '฿', askAbout: 'สอบถาม', question: 'ขอรายละเอียด',
    note: 'ร้านตัวอย่างของ Sala ราคารวมภาษีมูลค่าเพิ่มแล้ว ไม่มีการขายจริง', console: 'หน้าจอของทีมงาน',
    all: 'ทั้งหมด', coffee: 'เมล็ดกาแฟ', machines: 'เครื่องชงและเครื่องบด', supplies: 'ของใช้ในร้าน', services: 'บริการ',
  },
  en: {
    skip: 'Skip to products', shop: 'Baan Kafe Supply', headline: 'Everything a café needs, brought to your door',
    lead: 'Roasted every week, machines fitted by our own technicians, and answers in the chat at once in Thai, English and Chinese.',
    ask: 'Ask us anything', products: 'Products', filters: 'Categories', currency: '฿', askAbout: 'Ask about', question: 'Tell me about',
    note: 'A demo shop for Sala. Prices include VAT; nothing is really sold here.', console: 'Agent console',
    all: 'All', coffee: 'Coffee', machines: 'Machines and grinders', supplies: 'Supplies', services: 'Services',
  },
  zh: {
    skip: '跳到商品', shop: '咖啡之家供应', headline: '咖啡馆所需，一站送到店',
    lead: '每周新鲜烘焙，专业技师上门安装，聊天即时解答，支持泰语、英语和中文。',
    ask: '立即咨询', products: '商品', filters: '商品分类', currency: '฿', askAbout: '咨询', question: '请介绍一下',
    note: 'Sala 的演示商店，价格含增值税，并不真实销售。', console: '客服工作台',
    all: '全部', coffee: '咖啡豆', machines: '咖啡机与磨豆机', supplies: '店用物料', services: '服务',
  },
};

// Prices are whole baht; each name is Thai, English, Chinese, then the same for what the price is for.
const PRODUCTS = [
  ['coffee', 'bean', 650, ['ดอยช้าง ซิงเกิลออริจิน', 'Doi Chang single origin', '象山单品咖啡豆'], ['1 กก.', '1 kg', '1 公斤']],
  ['coffee', 'bean', 420, ['เฮาส์เบลนด์', 'House blend', '招牌拼配豆'], ['1 กก.', '1 kg', '1 公斤']],
  ['coffee', 'bean', 450, ['เอสเปรสโซคั่วเข้ม', 'Espresso dark roast', '意式深烘豆'], ['1 กก.', '1 kg', '1 公斤']],
  ['coffee', 'bean', 690, ['ดีแคฟ', 'Decaf', '低因咖啡豆'], ['1 กก.', '1 kg', '1 公斤']],
  ['coffee', 'bean', 520, ['โคลด์บรูว์โรสต์', 'Cold brew roast', '冷萃专用豆'], ['1 กก.', '1 kg', '1 公斤']],
  ['machines', 'machine', 89000, ['เครื่องเอสเปรสโซ 1 หัวชง', 'Espresso machine, 1 group', '单头意式咖啡机'], ['พร้อมติดตั้ง', 'installed', '含安装']],
  ['machines', 'machine', 165000, ['เครื่องเอสเปรสโซ 2 หัวชง', 'Espresso machine, 2 groups', '双头意式咖啡机'], ['พร้อมติดตั้ง', 'installed', '含安装']],
  ['machines', 'machine', 125000, ['เครื่องชงอัตโนมัติ', 'Automatic machine', '全自动咖啡机'], ['พร้อมติดตั้ง', 'installed', '含安装']],
  ['machines', 'grinder', 24000, ['เครื่องบดกาแฟ', 'Grinder', '磨豆机'], ['1 เครื่อง', 'each', '1 台']],
  ['supplies', 'bottle', 280, ['ไซรัปคาราเมล', 'Caramel syrup', '焦糖糖浆'], ['ขวดละ', 'a bottle', '每瓶']],
  ['supplies', 'bottle', 280, ['ไซรัปวานิลลา', 'Vanilla syrup', '香草糖浆'], ['ขวดละ', 'a bottle', '每瓶']],
  ['supplies', 'bottle', 250, ['ไซรัปชาไทย', 'Thai tea syrup', '泰式奶茶糖浆'], ['ขวดละ', 'a bottle', '每瓶']],
  ['supplies', 'cup', 950, ['แก้วกระดาษ 8 ออนซ์', 'Paper cups, 8 oz', '8 盎司纸杯'], ['ลังละ', 'a case', '每箱']],
  ['supplies', 'cup', 1200, ['แก้วกระดาษ 12 ออนซ์', 'Paper cups, 12 oz', '12 盎司纸杯'], ['ลังละ', 'a case', '每箱']],
  ['supplies', 'milk', 780, ['นมบาริสต้า', 'Barista milk', '咖啡师牛奶'], ['12 กล่อง', '12 cartons', '12 盒']],
  ['supplies', 'milk', 1080, ['นมโอ๊ต', 'Oat milk', '燕麦奶'], ['12 กล่อง', '12 cartons', '12 盒']],
  ['services', 'tools', 2500, ['ช่างบริการถึงร้าน', 'Service visit', '上门维修'], ['ครั้งละ', 'a visit', '每次']],
  ['services', 'training', 9000, ['อบรมบาริสต้า', 'Barista training day', '咖啡师培训'], ['1 วัน', '1 day', '1 天']],
];
const LANGUAGES = ['th', 'en', 'zh'];

const chat = document.createElement('sala-chat');
chat.setAttribute('account', document.querySelector('meta[name=sala-account]').content);
let language = stored() || LANGUAGES.find((each) => navigator.language.startsWith(each)) || 'th';
let category = 'all';

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => {
    language = button.dataset.language;
    try { localStorage.setItem('shop:language', language); } catch { /* the choice lasts as long as the page */ }
    show();
  });
}
document.querySelector('#ask').addEventListener('click', () => chat.open());
show();
document.body.append(chat);

/** Writes the page in the chosen language, with the products of the chosen category. */
function show() {
  const texts = TEXTS[language];
  document.documentElement.lang = language;
  document.title = texts.shop;
  chat.setAttribute('lang', language);
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = texts[node.dataset.text];
  for (const button of document.querySelectorAll('[data-language]')) button.ariaPressed = String(button.dataset.language === language);
  const filters = document.querySelector('#filters');
  filters.ariaLabel = texts.filters;
  showFilters(filters, texts);
  showProducts(document.querySelector('#list'), texts);
}

function showFilters(filters, texts) {
  const names = ['all', ...new Set(PRODUCTS.map(([name]) => name))];
  if (!filters.children.length) {
    for (const name of names) {
      const button = make('button', '');
      button.type = 'button';
      button.addEventListener('click', () => {
        category = name;
        show();
      });
      filters.append(button);
    }
  }
  names.forEach((name, place) => {
    filters.children[place].textContent = texts[name];
    filters.children[place].ariaPressed = String(name === category);
  });
}

function showProducts(list, texts) {
  const column = LANGUAGES.indexOf(language);
  const chosen = PRODUCTS.filter(([name]) => category === 'all' || name === category);
  list.replaceChildren(...chosen.map(([name, picture, price, names, units]) => {
    const item = make('li', `product ${name}`);
    const ask = make('button', 'about', texts.askAbout);
    ask.type = 'button';
    ask.ariaLabel = `${texts.askAbout} ${names[column]}`;
    ask.addEventListener('click', () => {
      chat.open();
      chat.send(`${texts.question} ${names[column]}`);
    });
    const cost = make('p', 'price', `${texts.currency}${price.toLocaleString('en-US')} `);
    cost.append(make('small', '', units[column]));
    const foot = make('div', 'foot');
    foot.append(cost, ask);
    item.append(drawing(picture), make('h3', '', names[column]), foot);
    return item;
  }));
}

function make(tag, className, text = '') {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = text;
  return node;
}

function drawing(name) {
  const [svg, use] = ['svg', 'use'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#${name}`);
  svg.append(use);
  return svg;
}

function stored() {
  try {
    return LANGUAGES.find((each) => each === localStorage.getItem('shop:language'));
  } catch {
    return null;
  }
}
