// A Lambda function that does nothing, on a custom runtime of the few lines that the Runtime API needs: AWS's
// library for Go, aws-lambda-go, is in none of the registries that this project installs from. That library
// decodes events, recovers from panics and has contexts, so this row is a lower bound of it.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		if err := answer(api); err != nil {
			log.Fatal(err)
		}
	}
}

// answer waits for an event and responds to it.
func answer(api string) error {
	event, err := http.Get(api + "next")
	if err != nil {
		return err
	}
	// Read to the end, so that the connection serves the next request.
	if _, err := io.Copy(io.Discard, event.Body); err != nil {
		return err
	}
	event.Body.Close()
	id := event.Header.Get("Lambda-Runtime-Aws-Request-Id")
	response, err := http.Post(api+id+"/response", "application/json", strings.NewReader("{}"))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusAccepted {
		return fmt.Errorf("the runtime API answered a response with %s", response.Status)
	}
	return nil
}
