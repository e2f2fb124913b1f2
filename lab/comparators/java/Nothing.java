import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;

/**
 * A Lambda function that does nothing, on a custom runtime of the few lines that the Runtime API needs: AWS's
 * runtime interface client for Java is in none of the registries that this project installs from. That client
 * decodes events and loads handlers by reflection, so this row is a lower bound of it.
 */
public final class Nothing {
    private Nothing() {}

    /** Waits for events and responds to each, for ever. */
    public static void main(String[] arguments) throws IOException {
        String host = System.getenv("AWS_LAMBDA_RUNTIME_API");
        String api = "http://" + host + "/2018-06-01/runtime/invocation/";
        while (true) {
            String id = next(api);
            respond(api + id + "/response");
        }
    }

    /** Waits for an event and gives its request id. */
    private static String next(String api) throws IOException {
        HttpURLConnection event = (HttpURLConnection) new URL(api + "next").openConnection();
        // An event may come after hours.
        event.setReadTimeout(0);
        drain(event.getInputStream());
        return event.getHeaderField("Lambda-Runtime-Aws-Request-Id");
    }

    private static void respond(String address) throws IOException {
        HttpURLConnection response = (HttpURLConnection) new URL(address).openConnection();
        response.setRequestMethod("POST");
        response.setDoOutput(true);
        response.setFixedLengthStreamingMode(2);
        try (OutputStream body = response.getOutputStream()) {
            body.write(new byte[] {'{', '}'});
        }
        if (response.getResponseCode() != HttpURLConnection.HTTP_ACCEPTED) {
            throw new IOException("the runtime API answered a response with " + response.getResponseCode());
        }
        drain(response.getInputStream());
    }

    /** Reads to the end, so that the connection serves the next request. */
    private static void drain(InputStream body) throws IOException {
        try (body) {
            body.transferTo(OutputStream.nullOutputStream());
        }
    }
}
