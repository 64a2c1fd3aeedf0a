using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Stores;

public sealed class StoreCredentialsTests
{
    private readonly Dictionary<string, string> _variables = [];

    private StoreCredentials Credentials => StoreCredentials.Read(name => _variables.GetValueOrDefault(name));

    [Fact]
    public void Of_nothing_there_is_nothing()
    {
        _variables["AZURE_ACCOUNT_NAME"] = "";
        _variables["RESTIC_REST_PASSWORD"] = "secret";
        Assert.Equal(StoreCredentials.None, Credentials);
    }

    [Fact]
    public void An_account_is_read_from_restics_variables()
    {
        _variables["AZURE_ACCOUNT_NAME"] = "hospital";
        Assert.Equal(new AzureAccount("hospital"), Credentials.Azure);
        _variables["AZURE_ACCOUNT_KEY"] = "a2V5";
        _variables["AZURE_ACCOUNT_SAS"] = "?sig=x";
        _variables["AZURE_ENDPOINT_SUFFIX"] = "core.chinacloudapi.cn";
        _variables["AZURE_FORCE_CLI_CREDENTIAL"] = "true";
        Assert.Equal(
            new AzureAccount("hospital") { Key = "a2V5", SharedAccessSignature = "?sig=x", EndpointSuffix = "core.chinacloudapi.cn", UsesCommandLineLogin = true },
            Credentials.Azure);
    }

    [Fact]
    public void An_account_may_have_an_address_of_its_own()
    {
        _variables["AZURE_ACCOUNT_NAME"] = "hospital";
        _variables["DOCINGEST_AZURE_ENDPOINT"] = "http://127.0.0.1:10000/hospital";
        Assert.Equal(new Uri("http://127.0.0.1:10000/hospital"), Credentials.Azure?.Endpoint);
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("ftp://secret")]
    [InlineData("https://user:secret@hospital.example")]
    [InlineData("https://hospital.example/?sig=secret")]
    public void An_address_that_is_none_is_refused_and_not_repeated(string endpoint)
    {
        _variables["AZURE_ACCOUNT_NAME"] = "hospital";
        _variables["DOCINGEST_AZURE_ENDPOINT"] = endpoint;
        Assert.DoesNotContain("secret", Assert.Throws<RepositoryLocationException>(() => Credentials).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_of_a_server_is_read_from_restics_variables()
    {
        _variables["RESTIC_REST_USERNAME"] = "anna";
        Assert.Equal(new RestCredentials("anna", ""), Credentials.Rest);
        _variables["RESTIC_REST_PASSWORD"] = "secret";
        Assert.Equal(new RestCredentials("anna", "secret"), Credentials.Rest);
    }

    [Fact]
    public void What_is_printed_holds_no_secret()
    {
        _variables["AZURE_ACCOUNT_NAME"] = "hospital";
        _variables["AZURE_ACCOUNT_KEY"] = "secret";
        _variables["AZURE_ACCOUNT_SAS"] = "secret";
        _variables["RESTIC_REST_USERNAME"] = "anna";
        _variables["RESTIC_REST_PASSWORD"] = "secret";
        Assert.DoesNotContain("secret", $"{Credentials}", StringComparison.Ordinal);
        Assert.Contains("hospital", $"{Credentials}", StringComparison.Ordinal);
    }
}
