// Prints, for every line it reads, the ARN that STS answers to the default chain of
// the SDK for JavaScript v3.
import { createInterface } from "node:readline";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const sts = new STSClient({});
for await (const _ of createInterface({ input: process.stdin })) {
  console.log((await sts.send(new GetCallerIdentityCommand({}))).Arn);
}
