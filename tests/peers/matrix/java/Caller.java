import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import software.amazon.awssdk.services.sts.StsClient;

/** Prints, for every line it reads, the ARN that STS answers to the default chain. */
public class Caller {
    public static void main(String[] none) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        try (StsClient sts = StsClient.create()) {
            while (lines.readLine() != null) {
                System.out.println(sts.getCallerIdentity().arn());
            }
        }
    }
}
