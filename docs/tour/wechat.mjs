// Plays WeChat Pay for the tour in README.md, with node alone.
//
//   node docs/tour/wechat.mjs merchant                      the body of POST /v1/payments/merchants
//   node docs/tour/wechat.mjs pay <merchant id> <order> <fen> <openid>   sends a signed payment callback
//
// Its keys are made at the first use and kept in var/tour-wechat.json.
import crypto from 'node:crypto';
import fs from 'node:fs';

const host = process.env.FORECOURT_URL ?? 'http://127.0.0.1:8080';
const file = 'var/tour-wechat.json';
const mchid = '1230000109';
const appid = 'wxd678efh567hg6787';

function channel() {
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8'));
  const pair = crypto.generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: {type: 'spki', format: 'pem'},
    privateKeyEncoding: {type: 'pkcs8', format: 'pem'},
  });
  const made = {
    serial: crypto.randomBytes(20).toString('hex').toUpperCase(),
    api_v3_key: crypto.randomBytes(16).toString('hex'),
    ...pair,
  };
  fs.mkdirSync('var', {recursive: true});
  fs.writeFileSync(file, JSON.stringify(made), {mode: 0o600});
  return made;
}

function merchant() {
  const {serial, api_v3_key, publicKey} = channel();
  const platform_keys = [{serial, public_key_pem: publicKey}];
  return {channel: 'wechat', mchid, appid, api_v3_key, platform_keys, org: 'store-12'};
}

/** AES-256-GCM as the channel does it: the tag follows the ciphertext. */
function encrypt(key, nonce, associated, plain) {
  const cipher = crypto.createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(associated));
  return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

async function pay(merchantId, order, fen, openid) {
  const {serial, api_v3_key, privateKey} = channel();
  const transaction = {
    transaction_id: '42000000' + Date.now(),
    amount: {total: Number(fen), payer_total: Number(fen), currency: 'CNY', payer_currency: 'CNY'},
    mchid, appid, out_trade_no: order, trade_state: 'SUCCESS', trade_state_desc: '支付成功', trade_type: 'JSAPI',
    bank_type: 'OTHERS', success_time: new Date().toISOString().replace(/\.\d+Z$/, '+00:00'), payer: {openid}, attach: '',
  };
  const nonce = crypto.randomBytes(6).toString('hex');
  const body = JSON.stringify({
    id: 'EV-' + crypto.randomUUID(), create_time: transaction.success_time, event_type: 'TRANSACTION.SUCCESS',
    resource_type: 'encrypt-resource', summary: '支付成功',
    resource: {
      original_type: 'transaction', algorithm: 'AEAD_AES_256_GCM', associated_data: 'transaction', nonce,
      ciphertext: encrypt(api_v3_key, nonce, 'transaction', JSON.stringify(transaction)),
    },
  });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const once = crypto.randomBytes(16).toString('hex');
  const signature = crypto.sign('sha256', Buffer.from(`${timestamp}\n${once}\n${body}\n`), privateKey).toString('base64');
  const answer = await fetch(`${host}/v1/payments/wechat/${merchantId}/notify`, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'application/json', 'Wechatpay-Timestamp': timestamp, 'Wechatpay-Nonce': once,
      'Wechatpay-Signature': signature, 'Wechatpay-Serial': serial,
      'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
    },
  });
  console.log(answer.status, await answer.text());
}

const [verb, ...rest] = process.argv.slice(2);
if (verb === 'merchant') console.log(JSON.stringify(merchant()));
else if (verb === 'pay' && rest.length === 4) await pay(...rest);
else console.error('usage: node docs/tour/wechat.mjs merchant | pay <merchant id> <order> <fen> <openid>');
