import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.connectors.HttpConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.graphdb.QueryExecutionException;

/**
 * A Neo4j server without Docker, for trying things out and for tests.
 *
 * <p>Arguments: the folder of its data, the port of its Bolt connector on
 * 127.0.0.1, the password of the user neo4j (empty: no passwords are asked
 * for), and settings as NAME=VALUE. It prints "ready" once it answers, and ends
 * with a signal; with -DendWithInput=true also with its standard input, so that it
 * does not outlive whoever started it.
 */
final class Launcher {
    public static void main(String[] args) throws IOException, InterruptedException {
        Path home = Files.createDirectories(Path.of(args[0]).toAbsolutePath());
        int port = Integer.parseInt(args[1]);
        String password = args[2];

        StringBuilder settings = new StringBuilder();
        for (int i = 3; i < args.length; i++) {
            settings.append(args[i]).append('\n');
        }
        Path file = Files.writeString(home.resolve("neo4j.conf"), settings);

        DatabaseManagementService service =
                new DatabaseManagementServiceBuilder(home)
                        .loadPropertiesFromFile(file)
                        .setConfig(GraphDatabaseSettings.auth_enabled, !password.isEmpty())
                        .setConfig(BoltConnector.enabled, true)
                        .setConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", port))
                        .setConfig(BoltConnector.advertised_address, new SocketAddress("127.0.0.1", port))
                        .setConfig(HttpConnector.enabled, false)
                        .build();
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        if (!password.isEmpty()) {
            setPassword(service, password);
        }
        System.out.println("ready");
        if (!Boolean.getBoolean("endWithInput")) {
            new CountDownLatch(1).await();
        }
        while (System.in.read() >= 0) {
            // Whoever started the server holds its standard input open.
        }
        System.exit(0);
    }

    private static void setPassword(DatabaseManagementService service, String password) {
        try {
            service.database("system")
                    .executeTransactionally(
                            "ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED",
                            Map.of("password", password));
        } catch (QueryExecutionException e) {
            // A server that is started again has the password already.
            if (!e.getMessage().contains("cannot be the same")) {
                System.err.println("neo4j: " + e.getMessage());
                System.exit(1);
            }
        }
    }
}
